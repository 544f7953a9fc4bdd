import pytest

from crossfix.campaigns.small import smallness


@pytest.mark.parametrize(("accounts", "traces"), [(1, 9_000), (2, 9_000), (3, 199), (0, 0)])
def test_what_is_too_small_is_said_in_one_line(accounts: int, traces: int) -> None:
    said = smallness(accounts, traces)
    assert said
    assert "\n" not in said


def test_what_is_large_enough_is_not_commented_on() -> None:
    assert smallness(3, 200) is None
