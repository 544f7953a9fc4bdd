from datetime import UTC, datetime, timedelta

import pytest

from crossfix.scenarios.cases.story import BEHIND_GATEWAY, WAVE, Story, build_story

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def story() -> Story:
    return build_story(NOW, 300, 1)


def test_a_story_is_the_same_each_time(story: Story) -> None:
    assert build_story(NOW, 300, 1) == story


def test_what_goes_through_the_gateway_is_not_in_the_files(story: Story) -> None:
    assert len(story.today) > 10
    assert all(e.action == "prompt" and e.service == BEHIND_GATEWAY for e in story.today)
    assert all(story.answers[event.text or ""] for event in story.today)
    files = {event.id for event in story.files_until().events}
    assert not files & {event.id for event in story.today}
    calls = [e for e in story.world.events if e.surface == "ai" and e.time >= NOW]
    assert not files & {e.id for e in calls if e.service == BEHIND_GATEWAY}
    assert len(files) == len(story.world.events) - 2 * len(story.today)


def test_todays_drafts_are_posted_after_they_were_written(story: Story) -> None:
    events = {event.id: event for event in story.world.events}
    asked = {event.id for event in story.today}
    became = [s for s in story.world.steps if events[s.source].parent in asked]
    assert len({events[s.target].account for s in became}) >= 10
    assert all(NOW <= events[s.target].time < NOW + timedelta(days=7) for s in became)


def test_the_next_wave_is_an_account_nobody_has_seen_asking_for_the_operations_site(
    story: Story,
) -> None:
    users = {user for user, _ in story.next_wave}
    (site,) = {prompt.split()[-1] for _, prompt in story.next_wave}
    known = {account.account.partition(":")[2] for account in story.world.accounts}
    assert len(story.next_wave) == WAVE
    assert len(users) == 1
    assert not users & known
    posted = {u for e in story.world.events if e.surface == "social" for u in e.urls}
    assert site in posted
    assert site not in story.stranger[1]
