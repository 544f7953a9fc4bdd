from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossfix.config.checks import CheckSettings
from crossfix.content.heads import train_head
from crossfix.errors import FormatError, SettingError
from crossfix.guard.decide import DEFAULT_ANSWERS, Guard
from crossfix.matching import indicator
from crossfix.matching.opening import open_checks
from crossfix.matching.stored import to_stored
from crossfix.store.registry import IndicatorTable, open_registry

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_checks_hold_what_files_and_registry_hold(tmp_path: Path) -> None:
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "a.csv").write_text("kind,value\ndomain,evil.example\nregex,(\n")
    (folder / "b.jsonl").write_text('{"kind": "phrase", "value": "red door"}\n')
    (folder / "notes.txt").write_text("not of indicators")
    stored = indicator("phrase", "blue window")
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as registry:
        IndicatorTable(registry).save([to_stored(stored)], now=NOW)
        settings = CheckSettings(indicators=folder, local_head=False)
        opened = open_checks(settings, registry, now=NOW.timestamp())
    found = opened.checks.look("a red door, a blue window, evil.example", "prompt")
    assert len(found) == 3
    (refused,) = opened.refused
    assert (refused.path, refused.line) == (str(folder / "a.csv"), 3)


def test_settings_say_where_leaks_are_looked_for_and_which_heads_score(tmp_path: Path) -> None:
    text = "How to build a pipe bomb? Ask anna.kovacs@uni-bonn.de"

    def checks(**given: object) -> set[str]:
        opened = open_checks(CheckSettings(**given), now=0.0)  # type: ignore[arg-type]
        return {f.check for f in opened.checks.look(text, "prompt")}

    assert checks() == {"classifier"}
    assert checks(leaks_in="both", local_head=False) == {"personal"}
    words = [f"a {w} pipe bomb at home" for w in "abcdefghij"]
    calm = [f"a {w} walk in the wood" for w in "abcdefghij"]
    head = train_head(words + calm, [{"violence"}] * 10 + [set()] * 10)
    head.save(tmp_path / "own.npz")
    assert checks(local_head=False, head=tmp_path / "own.npz") <= {"classifier"}
    with pytest.raises(FormatError):
        checks(head=tmp_path / "none.npz")


@pytest.mark.parametrize("answer", ["throttle", "block"])
def test_a_classifier_alone_cannot_be_made_to_block(answer: str) -> None:
    with pytest.raises(SettingError, match="classifier errs"):
        Guard(answers={**DEFAULT_ANSWERS, "classifier": answer})  # type: ignore[dict-item]
    Guard(answers={**DEFAULT_ANSWERS, "classifier": "challenge"})
