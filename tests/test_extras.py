import tomllib
from pathlib import Path

import pytest

from crossfix.errors import MissingExtraError
from crossfix.extras import EXTRAS, need

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"


def test_a_missing_extra_is_one_sentence_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "absent", ("a_module_that_nobody_has", "Dreaming"))
    with pytest.raises(MissingExtraError) as caught:
        need("absent")
    assert str(caught.value).splitlines() == [
        "Dreaming needs the Python package a_module_that_nobody_has, which is not installed.",
        "Run: pip install 'crossfix[absent]'",
    ]
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_an_installed_extra_passes(extra: str) -> None:
    need(extra)


def test_every_extra_can_be_installed_by_its_name() -> None:
    offered = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(offered) - {"all"}
