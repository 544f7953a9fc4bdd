"""``crossfix demo`` in a fresh folder: a real gateway, a hunt, and the guard that learned."""

import csv
import json
import re
from pathlib import Path

import pytest

from crossfix.campaigns.output.write import FILES
from crossfix.cli import main
from crossfix.cli.demo import against_truth

from .hunt_world import campaigns


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder of a demo and the lines that it said."""
    out = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("click.echo", lambda text="", err=False, **_: said.append(str(text)))
        with pytest.raises(SystemExit) as ended:
            main(["demo", "--out", str(out), "--posts", "800"])
    assert not ended.value.code
    return out, "\n".join(said).splitlines()


def line_of(lines: list[str], name: str) -> str:
    """The line that says what was found of a group."""
    (line,) = (line for line in lines if re.match(rf"  {name} +\d+ of", line))
    return line


def test_a_demo_hunts_through_what_its_gateway_saw_and_names_the_report(
    told: tuple[Path, list[str]],
) -> None:
    out, lines = told
    assert {p.name for p in (out / "found").iterdir()} == set(FILES)
    assert any(str(out / "found" / "report.html") in line for line in lines)
    events = (out / "world" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    through = [line for line in events if '"action":"decision"' in line.replace(": ", ":")]
    assert len(through) == int(re.findall(r"(\d+) prompts went", "\n".join(lines))[0])
    with (out / "world" / "labels.csv").open(encoding="utf-8", newline="") as file:
        labelled = {f"{row['service']}:{row['account']}" for row in csv.DictReader(file)}
    assert {json.loads(line)["account"] for line in through} <= labelled


def test_a_demo_finds_its_operation_and_takes_no_agency_for_one(
    told: tuple[Path, list[str]],
) -> None:
    out, lines = told
    inside, of = map(int, re.findall(r"(\d+) of +(\d+) accounts", line_of(lines, "operation"))[0])
    assert inside >= 0.7 * of
    operation = set(re.findall(r"c-\w+", line_of(lines, "operation")))
    agency = set(re.findall(r"c-\w+", line_of(lines, "agency")))
    found = {c["id"]: c for c in campaigns(out / "found")}
    assert operation <= set(found)
    assert all(found[c]["inauthenticity"] < 0.5 for c in agency - operation)


def test_the_guard_meets_the_next_wave_and_lets_strangers_by(told: tuple[Path, list[str]]) -> None:
    _, lines = told
    begin = next(n for n, line in enumerate(lines) if "asks for more of the same" in line)
    decided = [line.split()[0] for line in lines[begin + 1 : begin + 8]]
    assert set(decided[:-1]) <= {"flag", "challenge", "block"}
    assert decided[-2] in {"challenge", "block"}
    assert decided[-1] == "allow"
    assert "a stranger" in lines[begin + 7]


def test_no_gateway_is_left_behind(told: tuple[Path, list[str]]) -> None:
    out, _ = told
    said = (out / "gateway.log").read_text(encoding="utf-8")
    (address,) = re.findall(r"crossfix is at http://127.0.0.1:(\d+)", said)
    import socket

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(address))) != 0


def test_data_that_no_demo_made_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "events.sqlite").write_bytes(b"mine")
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--out", str(tmp_path)])
    assert ended.value.code == 2
    assert "no demo made" in capsys.readouterr().err
    assert (tmp_path / "data" / "events.sqlite").read_bytes() == b"mine"


def test_without_the_guards_packages_the_demo_hunts_and_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossfix.extras.find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--out", str(tmp_path), "--posts", "300"])
    assert not ended.value.code
    said = capsys.readouterr()
    assert "The gateway is left out" in said.err
    assert "crossfix[guard]" in said.err
    assert re.search(r"operation +\d+ of", said.out)
    assert (tmp_path / "found" / "report.html").exists()


def test_accounts_of_one_name_on_two_services_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "account,service,is_operation,operation,kind\nanna,x,1,plot,fast\nanna,forum,0,,ordinary\n"
    )
    (tmp_path / "accounts.csv").write_text("account,campaign\nforum:anna,\nx:anna,c-1\n")
    (tmp_path / "campaigns.jsonl").write_text(
        '{"id": "c-1", "coordination": 0.9, "inauthenticity": 0.25}\n'
    )
    assert against_truth(tmp_path / "labels.csv", tmp_path)[2:] == [
        "  ordinary     0 of    1 account in no campaign",
        "  plot         1 of    1 account in c-1 (coordination 0.90, inauthenticity 0.25)",
    ]
