"""A condition as text becomes a checked tree, or mistakes with their places.

The text is a Python expression in the vocabulary of `crossfix.policy.vocabulary`. It is parsed,
never run: every node of what Python's parser returns is looked at here, and whatever is not
named here is a mistake.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from math import inf

from crossfix.policy.arguments import Arguments
from crossfix.policy.expression import (
    Arithmetic,
    Compare,
    Constant,
    Expression,
    Field,
    Not,
    Rank,
    Several,
    Together,
    Window,
    leaves,
)
from crossfix.policy.mistake import nearest
from crossfix.policy.series import DISTINCT_AT_MOST
from crossfix.policy.vocabulary import FIELDS, FUNCTIONS, Type

LONGEST = 4_000
DEEPEST = 24
Wrong = Callable[[int, int, str], None]
"""Notes a mistake from one offset of the text to another."""

_SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip
_RANGES = {
    "count": (0, inf), "sum": (0, inf), "distinct": (0, DISTINCT_AT_MOST),
    "first_seen": (0, inf), "interval_entropy": (0, inf), "similar_share": (0, 1),
}  # fmt: skip
_SAID = {"truth": "true or false", "number": "a number", "text": "text", "set": "a set"}


class _WrongError(Exception):
    """The part of the tree that is being read cannot be understood; it has been noted why."""


def read_condition(
    text: str,
    actions: frozenset[str],
    wrong: Wrong,
    named: Mapping[str, Expression | None] | None = None,
) -> tuple[Expression | None, set[str]]:
    """Return the checked condition, and which of the named conditions it uses.

    The condition is ``None`` where mistakes were noted. ``actions`` are those of the policy:
    windowed features without an action of their own take them in. ``named`` conditions stand for
    what they are; one that is ``None`` has mistakes of its own.
    """
    if len(text) > LONGEST:
        wrong(0, 1, f"a condition has at most {LONGEST:,} characters")
        return None, set()
    if not text.strip():
        wrong(0, 1, "the condition is empty")
        return None, set()
    if _depth(text) > DEEPEST:
        wrong(0, 1, f"a condition is nested at most {DEEPEST} deep")
        return None, set()
    try:
        with warnings.catch_warnings():
            # Patterns are full of backslashes that Python has no meaning for.
            warnings.simplefilter("ignore")
            tree = ast.parse(f"({text}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        _say_syntax(text, e, wrong)
        return None, set()
    reader = _Reader(text, actions, wrong, named or {})
    answer = reader.truth(tree.body)
    if answer is not None and not reader.failed and not any(leaves(answer)):
        wrong(0, len(text), "this asks nothing of the event: it always has the same answer")
        return None, reader.used
    return None if reader.failed else answer, reader.used


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return max(deepest, text.count("not "))


def _say_syntax(text: str, error: Exception, wrong: Wrong) -> None:
    if not isinstance(error, SyntaxError) or not error.lineno:
        wrong(0, 1, "this cannot be read as an expression")
        return
    lines = text.split("\n")
    line = min(error.lineno, len(lines)) - 1
    column = (error.offset or 1) - 1 - (line == 0)
    start = sum(len(one) + 1 for one in lines[:line]) + max(0, column)
    reason = error.msg.split(". ")[0] if error.msg else "it ends too early"
    wrong(min(start, max(0, len(text) - 1)), start + 1, f"this is no expression: {reason}")


class _Reader:
    """Reads one condition."""

    def __init__(
        self,
        text: str,
        actions: frozenset[str],
        wrong: Wrong,
        named: Mapping[str, Expression | None],
    ) -> None:
        self.named = named
        self.used: set[str] = set()
        self.text = text
        self.actions = actions
        self.failed = False
        self._wrong = wrong
        self._depth = 0
        # Python counts columns in bytes of UTF-8, from the parenthesis that was put before.
        self._lines = f"({text}\n)".split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def _offset(self, line: int, column: int) -> int:
        characters = len(self._lines[line - 1].encode()[:column].decode("utf-8", "ignore"))
        return min(max(0, self._starts[line - 1] + characters - 1), len(self.text))

    def wrong(self, node: ast.AST, message: str) -> None:
        """Note a mistake about a part."""
        at: ast.expr = node  # type: ignore[assignment]
        start = self._offset(at.lineno, at.col_offset)
        end = self._offset(at.end_lineno or at.lineno, at.end_col_offset or at.col_offset)
        self.failed = True
        self._wrong(start, max(end, start + 1), message)

    def stop(self, node: ast.AST, message: str) -> _WrongError:
        """Note a mistake, and return what is to be raised."""
        self.wrong(node, message)
        return _WrongError()

    def said(self, node: ast.AST) -> str:
        """Return a part as it is written, on one line."""
        return ast.unparse(node)

    def truth(self, node: ast.expr) -> Expression | None:
        """Read what must be true or false; ``None`` where it could not be read."""
        try:
            expression, kind = self.any(node)
        except _WrongError:
            return None
        if kind != "truth":
            self.wrong(node, f"this is {_SAID[kind]}; compare it with something")
            return None
        return expression

    def any(self, node: ast.expr) -> tuple[Expression, Type]:
        """Read a part, and tell its type."""
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise self.stop(node, f"a condition is nested at most {DEEPEST} deep")
            return self._dispatch(node)
        finally:
            self._depth -= 1

    def _dispatch(self, node: ast.expr) -> tuple[Expression, Type]:
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.BoolOp():
                return self._together(node)
            case ast.UnaryOp(op=ast.Not()):
                part = self.truth(node.operand)
                if part is None:
                    raise _WrongError
                return Not(part), "truth"
            case ast.UnaryOp(op=ast.USub()):
                return Arithmetic("-", Constant(0), self._number(node.operand)), "number"
            case ast.BinOp() if type(node.op) in _SIGNS:
                left, right = self._both(node.left, node.right, self._number)
                sign = _SIGNS[type(node.op)]
                return Arithmetic(sign, left, right), "number"  # type: ignore[arg-type]
            case ast.Compare():
                return self._compare(node)
            case ast.Call():
                return self._call(node)
            case _:
                raise self.stop(node, "this has no place in a condition")

    def _constant(self, node: ast.Constant) -> tuple[Expression, Type]:
        value = node.value
        if isinstance(value, bool):
            return Constant(value), "truth"
        if isinstance(value, int | float) and abs(value) < 1e15:
            return Constant(value), "number"
        if isinstance(value, str):
            return Constant(value), "text"
        raise self.stop(node, "this value has no place in a condition")

    def _name(self, node: ast.Name) -> tuple[Expression, Type]:
        if node.id in self.named:
            self.used.add(node.id)
            part = self.named[node.id]
            if part is None:
                self.failed = True
                raise _WrongError
            return part, "truth"
        word = FIELDS.get(node.id)
        if word is None:
            if node.id in FUNCTIONS:
                raise self.stop(node, f"{node.id} is called: write {node.id}(...)")
            if node.id == "text":
                raise self.stop(node, "the text is asked with contains(...) or matches(...)")
            known = [*self.named, *FIELDS, *FUNCTIONS]
            raise self.stop(node, f"there is no word {node.id!r}{nearest(node.id, known)}")
        return Field(node.id, self.said(node)), word.type

    def _together(self, node: ast.BoolOp) -> tuple[Expression, Type]:
        # All parts are read before giving up, so that every mistake is named.
        read = [self.truth(part) for part in node.values]
        known = [part for part in read if part is not None]
        if len(known) < len(read):
            raise _WrongError
        return Together("and" if isinstance(node.op, ast.And) else "or", tuple(known)), "truth"

    def _number(self, node: ast.expr) -> Expression:
        expression, kind = self.any(node)
        if kind != "number":
            raise self.stop(node, f"this is {_SAID[kind]} where a number is needed")
        return expression

    def _both(
        self, left: ast.expr, right: ast.expr, read: Callable[[ast.expr], Expression]
    ) -> tuple[Expression, Expression]:
        answers = []
        for node in (left, right):
            try:
                answers.append(read(node))
            except _WrongError:
                continue
        if len(answers) < 2:
            raise _WrongError
        return answers[0], answers[1]

    def _call(self, node: ast.Call) -> tuple[Expression, Type]:
        if not isinstance(node.func, ast.Name):
            raise self.stop(node, "only the functions of the reference are called")
        name = node.func.id
        if name not in FUNCTIONS:
            known = nearest(name, FUNCTIONS)
            raise self.stop(node.func, f"there is no function {name!r}{known}")
        made = Arguments(self, node, name).expression()
        if made is None:
            raise _WrongError
        return made, FUNCTIONS[name].type

    def _compare(self, node: ast.Compare) -> tuple[Expression, Type]:
        made: list[Expression] = []
        operands = [node.left, *node.comparators]
        for left, sign, right in zip(operands, node.ops, operands[1:], strict=False):
            if type(sign) not in _SIGNS:
                raise self.stop(node, "compare with <, <=, >, >=, ==, !=, in or not in")
            made.append(self._one(left, _SIGNS[type(sign)], right))
        return (made[0] if len(made) == 1 else Together("and", tuple(made))), "truth"

    def _one(self, left: ast.expr, sign: str, right: ast.expr) -> Expression:
        if sign in ("in", "not in"):
            return self._member(left, sign, right)
        (a, a_type), (b, b_type) = self._typed(left, right)
        if isinstance(a, Constant) and isinstance(b, Constant):
            raise self.stop(left, "both sides are written here: this always has one answer")
        if a_type != b_type:
            both = f"{_SAID[a_type]} is compared with {_SAID[b_type]}"
            raise self.stop(right, both)
        if a_type == "number":
            self._possible(left, a, sign, b)
        if a_type == "set":
            raise self.stop(left, "a set is asked with `in`, or with size(...)")
        ordered = sign not in ("==", "!=")
        if a_type == "truth":
            raise self.stop(left, "true and false are not compared: use it as it is, or with not")
        if a_type == "text":
            self._choice(left, a, right, b)
            self._choice(right, b, left, a)
            if ordered:
                a, b = self._ranks(left, a, b)
        return Compare(sign, a, b)  # type: ignore[arg-type]

    def _typed(
        self, left: ast.expr, right: ast.expr
    ) -> tuple[tuple[Expression, Type], tuple[Expression, Type]]:
        answers = []
        for node in (left, right):
            try:
                answers.append(self.any(node))
            except _WrongError:
                continue
        if len(answers) < 2:
            raise _WrongError
        return answers[0], answers[1]

    def _possible(self, node: ast.expr, a: Expression, sign: str, b: Expression) -> None:
        """Note comparisons that always have one answer: counts are whole, and end somewhere."""
        if not isinstance(a, Window) or not isinstance(b, Constant):
            return
        low, high = _RANGES.get(a.kind, (-inf, inf))
        value = float(b.value)
        never = {"<": value <= low, "<=": value < low, ">": value >= high, ">=": value > high,
                 "==": not low <= value <= high, "!=": False}[sign]  # fmt: skip
        always = {"<": value > high, "<=": value >= high, ">": value < low, ">=": value <= low,
                  "==": False, "!=": not low <= value <= high}[sign]  # fmt: skip
        if never or always:
            raise self.stop(node, f"this {'never' if never else 'always'} holds: {a.kind} is "
                            f"from {low:g} to {high:g}")  # fmt: skip

    def _choice(self, node: ast.expr, a: Expression, at: ast.expr, b: Expression) -> None:
        if isinstance(a, Field) and isinstance(b, Constant) and (all_of := FIELDS[a.name].choices):
            value = str(b.value)
            if value not in all_of and not (value == "" and a.name in ("state", "answer")):
                raise self.stop(at, f"{a.name} is never {value!r}{nearest(value, all_of)}")

    def _ranks(self, node: ast.expr, a: Expression, b: Expression) -> tuple[Expression, Expression]:
        fields = [x for x in (a, b) if isinstance(x, Field)]
        if len(fields) != 1 or not FIELDS[fields[0].name].ranked:
            ranked = ", ".join(name for name, word in FIELDS.items() if word.ranked)
            raise self.stop(node, f"texts have no order; only {ranked} are compared by rank")
        choices = FIELDS[fields[0].name].choices

        def rank(x: Expression) -> Expression:
            if isinstance(x, Field):
                return Rank(x.name, x.said)
            value = str(x.value) if isinstance(x, Constant) else ""
            return Constant(choices.index(value) if value in choices else -1)

        return rank(a), rank(b)

    def _member(self, left: ast.expr, sign: str, right: ast.expr) -> Expression:
        item, kind = self.any(left)
        if kind != "text":
            raise self.stop(left, f"this is {_SAID[kind]}; only texts are looked for in others")
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            values: list[str] = []
            for one in right.elts:
                if not isinstance(one, ast.Constant) or not isinstance(one.value, str):
                    raise self.stop(one, "here stand texts that are written out")
                self._choice(left, item, one, Constant(one.value))
                values.append(one.value)
            if not values:
                raise self.stop(right, "nothing is in an empty list")
            if isinstance(item, Constant):
                raise self.stop(left, "both sides are written here: this always has one answer")
            return Compare(sign, item, Several(frozenset(values)))  # type: ignore[arg-type]
        whole, kind = self.any(right)
        if kind != "set" or not isinstance(whole, Field):
            raise self.stop(
                right, "look in urls, hashtags, mentions, labels or in texts: ('a', 'b')"
            )
        return Compare(sign, item, whole)  # type: ignore[arg-type]
