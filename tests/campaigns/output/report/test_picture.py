import pytest
from worlds import world

from crossfix.campaigns.output.report import picture as module
from crossfix.campaigns.output.report.picture import picture
from crossfix.campaigns.output.report.view import NAMED, campaign_view


@pytest.fixture(scope="module")
def hunt():
    return world()


def _views(hunt):
    return [campaign_view(c, i, NAMED) for i, c in enumerate(hunt.campaigns, 1)]


def test_the_columns_say_what_the_nodes_and_lines_say(hunt):
    views = _views(hunt)
    data = picture(hunt.nodes, hunt.edges, views).data
    place = {n.account: (n.x, n.y, n.campaign) for n in hunt.nodes}
    assert len(data["a"]) == len(place)
    for name, x, y, c in zip(data["a"], data["x"], data["y"], data["c"], strict=True):
        was = place[name]
        assert (x / 10_000, y / 10_000) == pytest.approx(was[:2], abs=1e-4)
        assert (views[c].campaign.id if c >= 0 else None) == was[2]
    drawn = {
        (data["a"][a], data["a"][b], data["kinds"][k])
        for a, b, k in zip(data["from"], data["to"], data["k"], strict=True)
    }
    assert drawn == {(e.source, e.target, ", ".join(e.kinds)) for e in hunt.edges}


def test_circles_hold_all_members_of_their_campaign(hunt):
    views = _views(hunt)
    drawn = picture(hunt.nodes, hunt.edges, views)
    circles = {o.anchor: o for o in drawn.circles}
    anchors = {v.campaign.id: v.anchor for v in views}
    for node in hunt.nodes:
        if node.campaign:
            o = circles[anchors[node.campaign]]
            assert (1000 * node.x - o.x) ** 2 + (1000 * node.y - o.y) ** 2 <= (o.r + 1) ** 2


def test_the_strongest_are_kept_where_there_are_too_many(hunt, monkeypatch):
    monkeypatch.setattr(module, "NODES", 20)
    monkeypatch.setattr(module, "EDGES", 5)
    drawn = picture(hunt.nodes, hunt.edges, _views(hunt))
    assert (drawn.nodes, drawn.all_nodes) == (20, len(hunt.nodes))
    assert drawn.edges <= 5 < drawn.all_edges
    members = sorted((n for n in hunt.nodes if n.campaign), key=lambda n: (-n.score, n.account))
    assert drawn.data["a"] == [n.account for n in members[:20]]
    assert all(0 <= i < 20 for i in drawn.data["from"] + drawn.data["to"])
