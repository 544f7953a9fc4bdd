import pytest

from crossfix.counted import counted


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (2_000, "2,000 posts")]
)
def test_one_is_said_in_the_singular(n: int, said: str) -> None:
    assert counted(n, "post") == said


def test_a_plural_of_its_own_can_be_given() -> None:
    assert counted(2, "reply", "replies") == "2 replies"
