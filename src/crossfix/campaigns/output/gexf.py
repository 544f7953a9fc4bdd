"""``graph.gexf``: the network as Gephi and networkx open it (GEXF 1.3)."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from lxml import etree

from crossfix.campaigns.result import Edge, HuntResult, Node

_GEXF = "http://gexf.net/1.3"
_VIZ = "http://gexf.net/1.3/viz"
_SPAN = 10_000.0
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GREY = (150, 150, 150)
_GOLDEN = 0.6180339887498949


def xml_text(text: str) -> str:
    """Return text without the characters that XML 1.0 cannot hold, not even escaped."""
    return _NOT_XML.sub("\ufffd", text)


def write_gexf(path: Path, result: HuntResult) -> None:
    """Write nodes with position, colour, size, campaign and score, and edges with their kinds.

    Positions are the report's, in units of a ten-thousandth of the picture, y upwards as Gephi has
    it. Accounts of one campaign share a colour.
    """
    colours = _colours(result)
    ids = node_ids(result.nodes)
    root = {"version": "1.3"}
    with etree.xmlfile(str(path), encoding="utf-8") as out:
        out.write_declaration()
        with out.element(f"{{{_GEXF}}}gexf", root, nsmap={None: _GEXF, "viz": _VIZ}):
            out.write(_meta(result.last, result.version))
            with out.element("graph", {"defaultedgetype": "undirected", "mode": "static"}):
                out.write(_attributes("node", [("campaign", "string"), ("score", "double")]))
                out.write(_attributes("edge", [("kinds", "string")]))
                with out.element("nodes"):
                    for node in result.nodes:
                        out.write(_node(node, ids[node.account], colours))
                with out.element("edges"):
                    for number, edge in enumerate(result.edges):
                        if edge.source in ids and edge.target in ids:
                            out.write(_edge(number, edge, ids))


def node_ids(nodes: Iterable[Node]) -> dict[str, str]:
    """Return an id for each account: its name as XML can hold it, and no name twice."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for number, node in enumerate(nodes):
        name = xml_text(node.account)
        ids[node.account] = name if name not in taken else f"{name} ~{number}"
        taken.add(ids[node.account])
    return ids


def _colours(result: HuntResult) -> dict[str | None, tuple[int, int, int]]:
    ids = [c.id for c in result.campaigns]
    ids += sorted({n.campaign for n in result.nodes if n.campaign} - set(ids))
    colours: dict[str | None, tuple[int, int, int]] = {None: _GREY}
    for i, campaign in enumerate(ids):
        red, green, blue = colorsys.hls_to_rgb(i * _GOLDEN % 1, 0.45 + 0.12 * (i % 2), 0.65)
        colours[campaign] = (round(255 * red), round(255 * green), round(255 * blue))
    return colours


def _meta(last: datetime | None, version: str) -> etree._Element:
    # The day of the last event: equal input gives equal bytes, whenever it is hunted through.
    modified = {"lastmodifieddate": last.date().isoformat()} if last else {}
    meta = etree.Element("meta", modified)
    etree.SubElement(meta, "creator").text = xml_text(f"crossfix {version}")
    etree.SubElement(meta, "description").text = "Accounts that act as one, and their links"
    return meta


def _attributes(of: str, columns: list[tuple[str, str]]) -> etree._Element:
    element = etree.Element("attributes", {"class": of, "mode": "static"})
    for number, (title, kind) in enumerate(columns):
        etree.SubElement(element, "attribute", id=str(number), title=title, type=kind)
    return element


def _values(*values: str) -> etree._Element:
    element = etree.Element("attvalues")
    for number, value in enumerate(values):
        etree.SubElement(element, "attvalue", {"for": str(number), "value": xml_text(value)})
    return element


def _node(node: Node, name: str, colours: dict[str | None, tuple[int, int, int]]) -> etree._Element:
    element = etree.Element("node", id=name, label=xml_text(node.account))
    element.append(_values(node.campaign or "", f"{node.score:.6g}"))
    x, y = f"{node.x * _SPAN:.2f}", f"{(1 - node.y) * _SPAN:.2f}"
    etree.SubElement(element, f"{{{_VIZ}}}position", x=x, y=y, z="0")
    red, green, blue = map(str, colours.get(node.campaign, _GREY))
    etree.SubElement(element, f"{{{_VIZ}}}color", r=red, g=green, b=blue)
    etree.SubElement(element, f"{{{_VIZ}}}size", value=f"{10 + 30 * node.score:.2f}")
    return element


def _edge(number: int, edge: Edge, ids: dict[str, str]) -> etree._Element:
    element = etree.Element(
        "edge",
        id=str(number),
        source=ids[edge.source],
        target=ids[edge.target],
        weight=f"{edge.weight:.6g}",
    )
    element.append(_values(", ".join(edge.kinds)))
    return element
