"""What stands between the parentheses of a function, checked one by one."""

from __future__ import annotations

import ast
from typing import Any, Protocol

from crossfix.events.attributes import RESERVED
from crossfix.events.event import ACTIONS
from crossfix.policy.duration import LONGEST_WINDOW, seconds
from crossfix.policy.expression import (
    Arithmetic,
    Attribute,
    Constant,
    Expression,
    Found,
    Score,
    Search,
    Size,
    Together,
    Window,
    leaves,
)
from crossfix.policy.mistake import nearest
from crossfix.policy.patterns import escaped, pattern_fault
from crossfix.policy.vocabulary import AMOUNTS, CHECKS, FIELDS, FUNCTIONS, GROUPS, TEXTS, VALUES

LONGEST_PHRASE = 500
MOST_PHRASES = 200
_ANY = frozenset(ACTIONS)
_CLOSED = {"group": GROUPS, "value": VALUES, "amount": AMOUNTS, "searched": TEXTS,
           "check": CHECKS, "attribute": tuple(RESERVED)}  # fmt: skip
_NAMED = {"group": "group", "value": "field", "amount": "amount", "searched": "text",
          "check": "check", "attribute": "attribute"}  # fmt: skip


class Reader(Protocol):
    """What reads the condition that the call stands in."""

    actions: frozenset[str]

    def wrong(self, node: ast.AST, message: str) -> None:
        """Note a mistake about a part."""

    def said(self, node: ast.AST) -> str:
        """Return a part as it is written."""

    def truth(self, node: ast.expr) -> Expression | None:
        """Read what must be true or false."""


class Arguments:
    """The arguments of one call, on their way to a node."""

    def __init__(self, reader: Reader, node: ast.Call, name: str) -> None:
        self.reader = reader
        self.node = node
        self.name = name
        self.word = FUNCTIONS[name]
        self.given: dict[str, Any] = {}
        self.rest: list[str] = []
        self.fine = True

    def expression(self) -> Expression | None:
        """Return the node, or ``None`` where mistakes were noted."""
        self._bind()
        if not self.fine:
            return None
        said = self.reader.said(self.node)
        if self.word.windowed:
            return self._window(said)
        return getattr(self, f"_{self.name}")(said)  # type: ignore[no-any-return]

    def _fail(self, node: ast.AST, message: str) -> None:
        self.reader.wrong(node, message)
        self.fine = False

    def _bind(self) -> None:
        kinds = dict(self.word.parameters)
        names = [n for n, _ in self.word.parameters]
        if self.word.rest:
            self._bind_rest(self.node.args)
            positional: list[tuple[str, ast.expr]] = []
        else:
            positional = list(zip(names, self.node.args, strict=False))
            for extra in self.node.args[len(names) :]:
                self._fail(extra, f"{self.name} takes at most {len(names)} values")
        keywords = [(k.arg, k) for k in self.node.keywords]
        for name, node in positional:
            self._read(name, kinds[name], node)
        for key, keyword in keywords:
            if key is None or key not in kinds:
                self._fail(
                    keyword, f"{self.name} has no {key or '**'!s}{nearest(key or '', names)}"
                )
            elif key in self.given:
                self._fail(keyword, f"{key} is given twice")
            else:
                self._read(key, kinds[key], keyword.value)
        seen = {n for n, _ in positional} | {k for k, _ in keywords if k}
        for name in names[: self.word.needed]:
            if name not in seen:
                self._fail(self.node, f"{self.name} needs {name}")

    def _bind_rest(self, nodes: list[ast.expr]) -> None:
        if not nodes:
            self._fail(self.node, f"{self.name} needs at least one phrase")
        if len(nodes) > MOST_PHRASES:
            self._fail(self.node, f"{self.name} takes at most {MOST_PHRASES} phrases")
        for node in nodes[:MOST_PHRASES]:
            phrase = self._phrase(node)
            if phrase is not None:
                self.rest.append(phrase)

    def _read(self, name: str, kind: str, node: ast.expr) -> None:
        if kind == "condition":
            value: Any = self._condition(node)
        elif kind == "actions":
            value = self._actions(node)
        elif kind in ("value", "amount", "set", "searched") and isinstance(node, ast.Name):
            value = self._closed(kind, node, node.id)
        elif kind == "phrase":
            value = self._phrase(node)
        else:
            text = self._text(node)
            if text is None:
                return
            value = self._of_kind(kind, node, text)
        if value is not None:
            self.given[name] = value

    def _of_kind(self, kind: str, node: ast.expr, text: str) -> Any:
        if kind == "window":
            found = seconds(text, LONGEST_WINDOW)
            if found is None:
                self._fail(node, "a window is written as 30s, 10m, 6h or 7d, 30d at most")
            return found
        if kind == "pattern":
            fault = pattern_fault(text)
            if fault:
                self._fail(node, fault)
                return None
            return text
        if kind == "name":
            if not text or len(text) > LONGEST_PHRASE:
                self._fail(node, "a name has 1 to 500 characters")
                return None
            return text
        return self._closed(kind, node, text)

    def _closed(self, kind: str, node: ast.AST, text: str) -> str | None:
        known = (
            [n for n, w in FIELDS.items() if w.type == "set"] if kind == "set" else _CLOSED[kind]
        )
        if text in known:
            return text
        what = _NAMED.get(kind, kind)
        self._fail(node, f"there is no {what} {text!r}{nearest(text, known)}")
        return None

    def _text(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        self._fail(node, "here stands a text that is written out, as in 'text'")
        return None

    def _phrase(self, node: ast.expr) -> str | None:
        text = self._text(node)
        if text is None:
            return None
        if not text.strip("* \n\t") or len(text) > LONGEST_PHRASE:
            self._fail(node, f"a phrase has 1 to {LONGEST_PHRASE} characters")
            return None
        return text

    def _actions(self, node: ast.expr) -> frozenset[str] | None:
        many = isinstance(node, ast.Tuple | ast.List | ast.Set)
        nodes = node.elts if many else [node]  # type: ignore[attr-defined]
        found: set[str] = set()
        for one in nodes:
            text = self._text(one)
            if text == "any":
                found |= _ANY
            elif text is not None and text in ACTIONS:
                found.add(text)
            elif text is not None:
                known = nearest(text, (*ACTIONS, "any"))
                self._fail(one, f"there is no action {text!r}{known}")
        if not nodes:
            self._fail(node, "name at least one action")
        return frozenset(found) if found else None

    def _condition(self, node: ast.expr) -> Expression | None:
        inside = self.reader.truth(node)
        if inside is None:
            self.fine = False
            return None
        if any(isinstance(leaf, Window) for leaf in leaves(inside)):
            self._fail(node, "what is counted may not look back in time itself")
            return None
        return inside

    def _window(self, said: str) -> Expression | None:
        kind = "count" if self.name == "rate" else self.name
        within: float = self.given.get("within", 0.0)
        default = _ANY if kind == "first_seen" else self.reader.actions
        window = Window(
            kind=kind,  # type: ignore[arg-type]
            actions=self.given.get("action", default),
            field=self.given.get("field", ""),
            within=within,
            by=self.given.get("by", "account"),
            where=self.given.get("where"),
            said=said,
        )
        if window.field and window.field == window.by and kind == "distinct":
            self._fail(self.node, f"a group by {window.by} has one {window.by} only")
            return None
        if self.name == "rate":
            return Arithmetic("*", window, Constant(60.0 / within))
        return window

    def _contains(self, said: str) -> Expression:
        return Search(escaped(self.given["phrase"]), self._of(), said)

    def _any_of(self, said: str) -> Expression:
        return Search("|".join(escaped(p) for p in self.rest), self._of(), said)

    def _all_of(self, said: str) -> Expression:
        every = [Search(escaped(p), self._of(), f"contains({p!r})") for p in self.rest]
        return every[0] if len(every) == 1 else Together("and", tuple(every))

    def _matches(self, said: str) -> Expression:
        return Search(self.given["pattern"], self._of(), said)

    def _of(self) -> str:
        return str(self.given.get("of", "text"))

    def _found(self, said: str) -> Expression:
        return Found(self.given["check"], self.given.get("name", ""), said)

    def _score(self, said: str) -> Expression:
        return Score(self.given["name"], self.given.get("check", ""), said)

    def _attribute(self, said: str) -> Expression:
        return Attribute(self.given["name"], False, said)

    def _amount(self, said: str) -> Expression:
        return Attribute(self.given["name"], True, said)

    def _size(self, said: str) -> Expression:
        return Size(self.given["of"], said)
