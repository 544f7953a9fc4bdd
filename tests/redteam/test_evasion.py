import pytest

from crossfix.redteam.evasion import EVASIONS, NAIVE, NAMES, Playbook, alone, together


def test_every_evasion_says_what_it_does_and_what_it_costs() -> None:
    for name, evasion in EVASIONS.items():
        assert evasion.name == name
        assert evasion.about
        assert evasion.price
        assert 0 <= evasion.loss < 1
        assert evasion.account_price >= 0


def test_a_playbook_names_what_it_uses() -> None:
    assert str(NAIVE) == "nothing"
    assert str(alone("delay", 0.5).having({"aged": 1.0})) == "delay 0.5, aged 1"
    assert together(1.0)["cells"] == 1.0


def test_a_playbook_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Playbook((2.0,) * len(NAMES))
    with pytest.raises(ValueError, match="evasions are"):
        alone("invisibility", 1.0)
