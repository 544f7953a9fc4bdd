"""Checked conditions as Python source that names nothing but what is made here.

No text of a policy gets into the source: what was written there is bound to names made here
(``c0``, ``c1`` …), so that whatever a policy says, the source is a pattern of our own words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from operator import ge, gt, le, lt
from typing import Any

from crossfix.policy import values
from crossfix.policy.expression import (
    Arithmetic,
    Attribute,
    Compare,
    Constant,
    Expression,
    Field,
    Found,
    Not,
    Rank,
    Score,
    Search,
    Several,
    Size,
    Together,
    Window,
    leaves,
    parts,
)
from crossfix.policy.facts import Facts
from crossfix.policy.memory import Memory, timeless
from crossfix.policy.patterns import joins, needed, searcher
from crossfix.policy.series import ENTRIES, Tally, distinct_in
from crossfix.policy.vocabulary import FIELDS

_COSTS: dict[type, int] = {Constant: 0, Several: 0, Field: 1, Rank: 2, Size: 2, Attribute: 3,
                           Found: 4, Score: 5, Search: 20}  # fmt: skip
_TOGETHER_COST = 8
"""One pass finds them all: who asks first pays it."""

_FIELD_COSTS = {"words": 15, "script": 5}
_WINDOW_COSTS = {"interval_entropy": 200, "similar_share": 400}
_COMPUTED: dict[str, tuple[Callable[..., Any], str]] = {
    "words": (values.words, "f.text"), "length": (len, "f.text"),
    "script": (values.script, "f.text"), "hour": (values.hour, "t"),
    "weekday": (values.weekday, "t"),
}  # fmt: skip
_ORDER = {"<": lt, "<=": le, ">": gt, ">=": ge}
_LAZY = ("interval_entropy", "similar_share")
_MANY = ("urls", "hashtags", "mentions")
_FACTS = frozenset(Facts.__struct_fields__)


class Unset:
    """What a variable holds before its value was needed."""


UNSET = Unset()


def cost(node: Expression) -> int:
    """Return about how much it takes to ask a part: parts of and/or are asked cheapest first."""
    if isinstance(node, Window):
        return _WINDOW_COSTS.get(node.kind, 5)
    if isinstance(node, Field):
        return _FIELD_COSTS.get(node.name, 1)
    if _together(node):
        return _TOGETHER_COST
    within = [cost(part) for part in parts(node)]
    if isinstance(node, Together) and node.word == "and":
        # Mostly the first one asked says no.
        return min(within) + (sum(within) - min(within)) // 4
    return _COSTS.get(type(node), 1) + sum(within)


class Emitter:
    """Writes the source of one function: what all policies do with one action."""

    def __init__(self, action: str, memory: Memory, search: Callable[[str], Any]) -> None:
        self.action = action
        self.memory = memory
        self.names: dict[str, Any] = {"U": UNSET, "MATCH": search}
        self.patterns: dict[str, int] = {}
        self._bound: dict[tuple[str, Any], str] = {}
        self._uses: Counter[Expression] = Counter()
        self._variables: dict[Hashable, str] = {}
        self._there: set[str] = set()

    def bind(self, kind: str, value: Any, key: Any = None) -> str:
        """Return the name that stands for a value in the source."""
        known = (kind, value if key is None else key)
        if known not in self._bound:
            self._bound[known] = f"{kind}{len(self._bound)}"
            self.names[self._bound[known]] = value
        return self._bound[known]

    def use(self, node: Expression) -> None:
        """Count what is asked more than once, so that it is worked out once."""
        self._uses[node] += 1
        if self._uses[node] == 1:
            for part in parts(node):
                self.use(part)
            if isinstance(node, Window) and node.where is not None:
                self.use(node.where)

    def variable(self, key: Hashable) -> str:
        """Return the variable that keeps a value once it was needed."""
        return self._variables.setdefault(key, f"v{len(self._variables)}")

    def kept(self, key: Hashable, source: str) -> str:
        """Return source that works a value out when it is first needed."""
        name = self.variable(key)
        return f"({name} if {name} is not U else ({name} := {source}))"

    @property
    def variables(self) -> list[str]:
        """The variables that start unset."""
        return list(self._variables.values())

    def say(self, node: Expression) -> str:
        """Return the source of a part."""
        source = self._say(node)
        shared = self._uses[node] > 1 and not isinstance(node, Constant | Several | Window)
        if shared and cost(node) > 2 and not _together(node):
            return self.kept(node, source)
        return source

    def _say(self, node: Expression) -> str:
        match node:
            case Constant():
                return self.bind("c", node.value, (type(node.value), node.value))
            case Several():
                return self.bind("c", node.values)
            case Not():
                return f"(not {self.say(node.part)})"
            case Together():
                ordered = sorted(node.parts, key=cost)
                return "(" + f" {node.word} ".join(map(self.say, ordered)) + ")"
            case Compare():
                if isinstance(node.left, Rank) and isinstance(node.right, Constant):
                    return self._ranked(node.left.name, node.sign, int(node.right.value))
                left, right = self.say(node.left), self.say(node.right)
                if node.sign in (">", ">=") and _lengthy(node):
                    # An entry never has less than one of its windows: mostly this decides.
                    most = self._at_most(node.left)  # type: ignore[arg-type]
                    return f"({most} {node.sign} {right} and {left} {node.sign} {right})"
                if node.sign == "!=":
                    return f"{self.bind('d', values.differ)}({left}, {right})"
                return f"({left} {node.sign} {right})"
            case Arithmetic():
                left, right = self.say(node.left), self.say(node.right)
                if node.sign == "/":
                    return f"{self.bind('d', values.divided)}({left}, {right})"
                return f"({left} {node.sign} {right})"
            case _:
                return self._leaf(node)

    def _ranked(self, name: str, sign: str, place: int) -> str:
        """Return the source of a comparison by rank, as a look among the words that satisfy it."""
        compare = _ORDER[sign]
        choices = FIELDS[name].choices
        if compare(-1, place):
            wrong = frozenset(c for n, c in enumerate(choices) if not compare(n, place))
            return f"(f.{name} not in {self.bind('c', wrong)})"
        right = frozenset(c for n, c in enumerate(choices) if compare(n, place))
        return f"(f.{name} in {self.bind('c', right)})"

    def _leaf(self, node: Expression) -> str:
        match node:
            case Field() if node.name in _COMPUTED:
                function, of = _COMPUTED[node.name]
                return f"{self.bind('d', function)}({of})"
            case Field():
                return f"f.{node.name}" if node.name in _FACTS else "U"
            case Rank():
                ranks = {word: n for n, word in enumerate(FIELDS[node.name].choices)}
                return f"{self.bind('r', ranks, node.name)}.get(f.{node.name}, -1)"
            case Search() if node.of == "text":
                return self._searched(node.pattern)
            case Search():
                found = self.bind("s", searcher(node.pattern), node.pattern)
                return f"{found}({self._text(node.of)})"
            case Found():
                check, name = self.bind("c", node.check), self.bind("c", node.name)
                look, no = self.bind("d", values.found), self.bind("c", False, (bool, False))
                return f"({look}(f.findings, {check}, {name}) if f.findings else {no})"
            case Score():
                name, check = self.bind("c", node.name), self.bind("c", node.check)
                return f"{self.bind('d', values.score)}(f.findings, {name}, {check})"
            case Attribute(amount=True):
                return f"{self.bind('d', values.amount)}(f.attributes, {self.bind('c', node.name)})"
            case Attribute():
                return self._text(node.name)
            case Size():
                return f"len_(f.{node.of})"
            case Window():
                return self._window(node)
            case _:
                raise TypeError(node)

    def _searched(self, pattern: str) -> str:
        """Return the source of a search in the text."""
        if joins(pattern):
            number = self.bind("p", self.patterns.setdefault(pattern, len(self.patterns)))
            return f"({number} in {self.kept('MATCH', 'MATCH(f.text)')})"
        # Each search of its own is one more pass: what it needs is known by then, or mostly is not.
        found = self.bind("s", searcher(pattern), pattern)
        return f"({' and '.join([*map(self._searched, needed(pattern)), f'{found}(f.text)'])})"

    def _text(self, name: str) -> str:
        if name in _FACTS:
            return f"f.{name}"
        return f"f.attributes.get({self.bind('c', name)}, {self.bind('c', '')})"

    def value(self, name: str) -> str:
        """Return the source of what a group or value is called in an event."""
        if name == "all":
            return self.bind("c", "all")
        if name == "ip_block":
            block = self.bind("d", values.ip_block)
            return self.kept("ip_block", f"{block}({self._text('ip')})")
        if name == "text":
            # Of a text its hash is kept; that of an empty one is 0, which is no group either.
            return self.kept("text", f"{self.bind('d', hash)}(f.text)")
        return self._text(name) if name in _FACTS else self.kept(f"a:{name}", self._text(name))

    def _entry(self, node: Window) -> str:
        """Return the source of the group's entry in a series."""
        key = ("entry", timeless(node))
        name = self.variable(key)
        return name if name in self._there else self.kept(key, self._looked_up(node))

    def _looked_up(self, node: Window) -> str:
        base = timeless(node)
        look = self.bind("g", self.memory.series(base).look, ("look", base))
        group, none = self.value(node.by), self._none(node)
        return f"(({look}({group}) if {group} else {none}) or {none})"

    def _at_most(self, node: Window) -> str:
        entry, name = self._entry(node), self.variable(("entry", timeless(node)))
        if node.kind == "sum":
            return f"{entry}.totals[-1] - {name}.totals[0]"
        return f"len_({entry})"

    def _none(self, node: Window) -> str:
        """Return the name of the entry of a group that has none."""
        empty = {"count": [], "sum": Tally([], [0]), "distinct": {}}
        return self.bind("n", empty[node.kind], node.kind)

    def _shared(self, node: Window) -> str:
        """Return the source of a feature that shares its series with others."""
        entry, name = self._entry(node), self.variable(("entry", timeless(node)))
        within = self.bind("c", node.within)
        if node.kind == "count":
            listed = f"len_({name}) - BISECT({name}, t - {within})"
            source = f"({listed} if {entry}.__class__ is LIST else {name}.total(t, {within}))"
        elif node.kind == "sum":
            source = f"{entry}.total(t, {within})"
        else:
            source = f"{self.bind('d', distinct_in)}({entry}, t, {within})"
        return self.kept(node, source)

    def _window(self, node: Window) -> str:
        if timeless(node) is not node:
            return self._shared(node)
        series = self.memory.series(node)
        read = self.bind("g", series.read, ("read", node)) if hasattr(series, "read") else ""
        more = ", f.text" if node.kind == "similar_share" else ""
        group = self.value(node.by)
        none = "NAN" if node.kind in ("first_seen", *_LAZY) else "0"
        source = f"({read}({group}, t{more}) if {group} else {none})" if read else none
        return self.kept(node, source)

    def update(self, node: Window) -> str | None:
        """Return the line that takes this event into a feature, if it is of its actions."""
        if self.action not in node.actions:
            return None
        series = self.memory.series(node)
        group, value = self.value(node.by), ""
        conditions = [] if node.by == "all" else [group]
        if node.kind == "count" and node.where is None:
            return self._counted(node, group)
        if node.where is not None:
            conditions.append(self.say(node.where))
        add = "add"
        if node.kind in ("distinct", "first_seen"):
            source = self.value(node.field)
            conditions.append(source)
            value = f", {source}"
            add = "add_all" if node.field in _MANY else "add"
        elif node.kind == "sum":
            value = ", " + self._amount(node.field)
        elif node.kind == "similar_share":
            conditions.append("f.text")
            value = ", f.text[:600]"
        call = f"{self.bind('g', getattr(series, add), (add, node))}({group}, t{value})"
        if node.kind == "first_seen":
            call = f"{self.variable(node)} = {call}"
        elif node.kind not in _LAZY:
            call = f"{self.variable(('entry', node))} = {call}"
        line = f"if {' and '.join(conditions)}: {call}" if conditions else call
        if node.kind in ("sum", "distinct") and node.where is None:
            # The entry is there in any case, so that readers need not look.
            name = self.variable(("entry", node))
            self._there.add(name)
            if conditions:
                line += f"\n    else: {name} = {self._looked_up(node)}"
        return line

    def _counted(self, node: Window, group: str) -> str:
        """Return the lines that count an event: what `CountSeries.add` does, without calls."""
        series = self.memory.series(node)
        name = self.variable(("entry", node))
        young = self.bind("y", series.young.get, ("young", node))
        add = self.bind("g", series.add, ("add", node))  # type: ignore[attr-defined]
        trim = self.bind("g", series.trim, ("trim", node))  # type: ignore[attr-defined]
        within = self.bind("c", series.within)
        most = self.bind("c", ENTRIES)
        lines = [
            f"{name} = {young}({group})",
            f"if {name}.__class__ is LIST:",
            f"    {name}.append(t)",
            f"    if {name}[0] <= t - {within} or len_({name}) > {most}: "
            f"{name} = {trim}({group}, {name}, t)",
            f"elif {group}: {name} = {add}({group}, t)",
            f"else: {name} = {self._none(node)}",
        ]
        self._there.add(name)
        return "\n    ".join(lines)

    def _amount(self, name: str) -> str:
        if name == "tokens":
            return "f.tokens"
        if name == "length":
            return "len_(f.text)"
        return f"{self.bind('d', values.amount)}(f.attributes, {self.bind('c', name)})"

    def evidence(self, expression: Expression) -> str:
        """Return the source of what a condition asked, under the words it was asked with."""
        pairs: dict[str, str] = {}
        for leaf in leaves(expression):
            # A rank is shown as the word that it is the rank of.
            value = f"f.{leaf.name}" if isinstance(leaf, Rank) else self.say(leaf)
            pairs.setdefault(leaf.said, f"{self.bind('c', leaf.said)}: SHOW({value})")
        return "{" + ", ".join(pairs.values()) + "}"


def _together(node: Expression) -> bool:
    """Tell whether a pattern is found by the one pass for all: what it found is kept already."""
    return isinstance(node, Search) and node.of == "text" and joins(node.pattern)


def _lengthy(node: Compare) -> bool:
    left = node.left
    kind = left.kind if isinstance(left, Window) else ""
    return kind in ("count", "distinct", "sum") and isinstance(node.right, Constant)


def late(node: Window) -> bool:
    """Tell whether an event is taken in after it was judged: it is not to be its own likeness."""
    return node.kind == "similar_share"
