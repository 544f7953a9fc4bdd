from crossfix.accounts.standing import Standing
from crossfix.accounts.standings import Standings

NOW = 1_790_000_000.0


def test_an_account_that_was_never_seen_stands_as_seen_first_now() -> None:
    standings = Standings()
    first = standings.get("app:a", NOW)
    assert first == Standing(account="app:a", first=NOW)
    assert standings.get("app:a", NOW + 50) == first


def test_state_tier_and_labels_run_out_each_at_its_own_time() -> None:
    standings = Standings()
    standings.put(
        Standing(account="app:a", first=1.0, state="challenged", state_until=NOW + 10,
                 state_reason="r", required="code", tier="email", tier_until=NOW + 20,
                 labels=("one", "two", "three")),
        NOW, {"one": NOW + 5, "two": NOW + 30},
    )  # fmt: skip
    at = {s: standings.get("app:a", NOW + s) for s in (0, 5, 10, 20, 30)}
    assert at[0].labels == ("one", "two", "three")
    assert at[5].labels == ("two", "three")
    assert at[5].state == "challenged"
    assert (at[10].state, at[10].state_reason, at[10].required) == ("active", "", "anonymous")
    assert (at[10].tier, at[20].tier) == ("email", "anonymous")
    assert at[30].labels == ("three",)


def test_what_had_run_out_before_it_was_told_never_holds() -> None:
    standings = Standings()
    standings.put(Standing(account="a", first=1.0, state="removed", state_until=NOW - 1), NOW)
    assert standings.get("a", NOW).state == "active"


def test_the_earliest_first_sight_holds() -> None:
    standings = Standings()
    standings.get("a", NOW)
    standings.first_seen([("a", NOW - 100), ("b", 5.0)])
    standings.first_seen([("a", NOW - 50)])
    assert (standings.get("a", NOW).first, standings.get("b", NOW).first) == (NOW - 100, 5.0)


def test_memory_is_bounded_and_enforcement_outlives_strangers() -> None:
    standings = Standings(most=100)
    standings.put(Standing(account="bad", first=1.0, state="suspended"), NOW)
    for n in range(5_000):
        standings.get(f"a{n}", NOW)
    assert len(standings) <= 102
    assert standings.get("bad", NOW).state == "suspended"


def test_accounts_are_counted_by_the_state_that_they_are_in_at_the_moment() -> None:
    standings = Standings()
    standings.get("app:stranger", NOW)
    standings.mark("app:labelled", NOW, labels={"one": 60.0})
    for n in range(3):
        standings.mark(f"app:{n}", NOW, state="limited", seconds=60.0 * (n + 1))
    standings.mark("app:x", NOW, state="watched")
    assert standings.states(NOW) == {"limited": 3, "watched": 1}
    assert standings.states(NOW + 130) == {"limited": 1, "watched": 1}
