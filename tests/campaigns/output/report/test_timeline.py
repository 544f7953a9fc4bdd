import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import world

from crossfix.campaigns.output.report.timeline import BINS, ROWS, timeline_view
from crossfix.campaigns.output.report.view import NAMED, campaign_view
from crossfix.campaigns.result import Timeline

CAMPAIGN = world(campaigns=1).campaigns[0]
VIEW = campaign_view(CAMPAIGN, 1, NAMED)
START = datetime(2026, 1, 1, tzinfo=UTC)


def _timeline(everyone, mine):
    return Timeline(start=START, bin_seconds=60, everyone=everyone, campaigns={CAMPAIGN.id: mine})


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=1_000).map(tuple))
def test_bins_are_joined_until_they_fit_and_keep_all_time(counts):
    view = timeline_view(_timeline(counts, counts), [VIEW])
    assert view.bins <= BINS
    assert view.bins * view.bin_seconds >= 60 * len(counts)
    assert (view.bins - 1) * view.bin_seconds < 60 * max(1, len(counts))


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=700).map(tuple))
def test_a_campaign_is_active_in_a_bin_if_it_did_anything_there(counts):
    view = timeline_view(_timeline(counts, counts), [VIEW])
    joined = view.bin_seconds // 60
    slow = "".join(
        "1" if any(counts[i * joined : (i + 1) * joined]) else "0" for i in range(view.bins)
    )
    assert view.active.get(VIEW.anchor, "0" * view.bins) == slow


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200).map(tuple))
def test_bars_stay_within_the_row_and_the_peak_fills_it(counts):
    row = timeline_view(_timeline(counts, ()), []).rows[0]
    bars = re.findall(r"M(\d+) 100v-(\d+)h1V100z", row.path)
    assert len(bars) == sum(1 for c in counts if c)
    assert all(0 < int(height) <= 100 for _, height in bars)
    if bars:
        assert max(int(height) for _, height in bars) == 100


def test_only_the_first_campaigns_have_a_row_and_all_can_be_brushed():
    result = world(campaigns=20)
    views = [campaign_view(c, i, NAMED) for i, c in enumerate(result.campaigns, 1)]
    view = timeline_view(result.timeline, views)
    assert len(view.rows) == ROWS + 1
    assert set(view.active) == {v.anchor for v in views}
