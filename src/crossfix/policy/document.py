"""A YAML file as a bounded tree whose every value knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from crossfix.policy.mistake import Mistake

LARGEST_BYTES = 64 * 1024
DEEPEST = 12
MOST_NODES = 4_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = "tag:yaml.org,2002:"


@dataclass
class Document:
    """A file's text, and the mistakes found in it so far."""

    path: str
    text: str
    mistakes: list[Mistake] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.text.splitlines()

    def mistake(self, line: int, column: int, message: str, width: int = 1) -> None:
        """Note a mistake at a line and column, counted from 0."""
        source = self.lines[line] if line < len(self.lines) else ""
        self.mistakes.append(Mistake(self.path, line + 1, column + 1, message, source, width))

    def wrong(self, node: Node, message: str) -> None:
        """Note a mistake about a value."""
        self.mistake(node.line, node.column, message, node.width)


@dataclass(frozen=True)
class Node:
    """A value with its place; lines and columns from 0, ``start`` and ``end`` offsets of text.

    ``value`` is text, a number, true or false, ``None``, a list of nodes, or a list of pairs of
    nodes (key, value).
    """

    kind: str
    value: Any
    line: int
    column: int
    start: int
    end: int
    width: int

    def pairs(self) -> list[tuple[Node, Node]]:
        """Return the keys and values of a mapping."""
        return self.value if self.kind == "mapping" else []


def read_document(path: str, data: bytes) -> tuple[Document, Node | None]:
    """Read a file's bytes; the tree is ``None`` where the file cannot be a policy at all."""
    if len(data) > LARGEST_BYTES:
        return _refused(path, "", f"a policy has at most {LARGEST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data[: e.start].count(b"\n")
        document = Document(path, data.decode("utf-8", "replace"))
        document.mistake(line, 0, "this is not UTF-8")
        return document, None
    document = Document(path, text)
    try:
        if not _bounded(document):
            return document, None
        tree = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as e:
        _say_yaml(document, e)
        return document, None
    if tree is None:
        document.mistake(0, 0, "the file is empty")
        return document, None
    return document, _node(document, tree)


def _refused(path: str, text: str, message: str) -> tuple[Document, None]:
    document = Document(path, text)
    document.mistake(0, 0, message)
    return document, None


def _bounded(document: Document) -> bool:
    """Look through the events before any tree is built: no aliases, no depth, no masses."""
    depth = nodes = documents = 0
    for event in yaml.parse(document.text, Loader=_LOADER):
        mark: Any = event.start_mark
        message = ""
        if isinstance(event, yaml.AliasEvent):
            message = "aliases are not read: write the value out"
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            message = "a file holds one policy" if documents > 1 else ""
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            message = f"values are nested at most {DEEPEST} deep" if depth > DEEPEST else ""
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            message = message or ("the file holds too many values" if nodes > MOST_NODES else "")
        if message:
            document.mistake(mark.line, mark.column, message)
            return False
    return True


def _say_yaml(document: Document, error: yaml.YAMLError) -> None:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    line, column = (mark.line, mark.column) if mark else (0, 0)
    # A file that ends too early is shown where its text ends.
    line = min(line, max(0, len(document.lines) - 1))
    document.mistake(line, column, f"this is not YAML: {problem}")


def _node(document: Document, node: Any) -> Node:
    first, last = node.start_mark, node.end_mark
    width = last.column - first.column if last.line == first.line else 0
    if width <= 0:
        written = document.lines[first.line] if first.line < len(document.lines) else ""
        width = max(1, len(written.rstrip()) - first.column)
    place = (first.line, first.column, first.index, last.index, width)
    if isinstance(node, yaml.MappingNode):
        pairs = [(_node(document, k), _node(document, v)) for k, v in node.value]
        return Node("mapping", pairs, *place)
    if isinstance(node, yaml.SequenceNode):
        return Node("list", [_node(document, v) for v in node.value], *place)
    kind, value = _scalar(node.tag, node.value)
    if kind == "unknown":
        document.mistake(first.line, first.column, f"there is no type {node.tag!r} here", width)
    return Node(kind, value, *place)


def _scalar(tag: str, text: str) -> tuple[str, Any]:
    name = tag.removeprefix(_PLAIN)
    if name == "int" and text.lstrip("+-").isdigit() and len(text) < 18:
        return "number", int(text)
    if name == "float":
        try:
            return "number", float(text)
        except ValueError:
            return "text", text
    if name == "bool":
        return "truth", text.lower() in ("true", "yes", "on")
    if name == "null":
        return "nothing", None
    if name in ("str", "int", "timestamp", "value", "merge"):
        return "text", text
    return "unknown", text


def places(document: Document, node: Node) -> list[tuple[int, int]]:
    """Return the line and column in the file of every character of a text, and of its end.

    The characters are found again in the source in their order; indentation, quotation marks and
    block indicators, which the value lacks, are passed over.
    """
    source, at = document.text, node.start
    if node.start < len(source) and source[node.start] in "|>":
        at = source.find("\n", node.start) + 1
    elif node.start < len(source) and source[node.start] in "\"'":
        at = node.start + 1
    offsets: list[int] = []
    for char in node.value:
        if char.isspace():
            offsets.append(at)
            while at < node.end and source[at].isspace():
                at += 1
            continue
        while at < node.end and source[at] != char:
            at += 1
        offsets.append(min(at, max(node.start, node.end - 1)))
        at += 1
    offsets.append(min(at, len(source)))
    return list(_lines_of(source, offsets))


def _lines_of(source: str, offsets: list[int]) -> Iterator[tuple[int, int]]:
    for offset in offsets:
        line = source.count("\n", 0, offset)
        yield line, offset - (source.rfind("\n", 0, offset) + 1)
