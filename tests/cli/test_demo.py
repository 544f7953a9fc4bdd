"""``crossfix demo`` in a fresh folder."""

import csv
import re
from pathlib import Path

import pytest

from crossfix.campaigns.output.write import FILES
from crossfix.cli import main
from crossfix.cli.demo import against_truth

from .hunt_world import campaigns


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo and what it said."""
    out = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("click.echo", lambda text="", err=False, **_: said.append(str(text)))
        with pytest.raises(SystemExit) as ended:
            main(["demo", "--out", str(out), "--posts", "6000"])
    assert not ended.value.code
    return out, "\n".join(said)


def test_a_demo_makes_a_world_hunts_through_it_and_names_the_report(told) -> None:
    out, said = told
    assert {p.name for p in (out / "found").iterdir()} == set(FILES)
    assert str(out / "found" / "report.html") in said
    assert f"$ crossfix hunt {out / 'world'}" in said


def test_a_demo_finds_its_amplifiers_and_says_so_beside_the_truth(told) -> None:
    out, said = told
    (line,) = (line for line in said.splitlines() if line.strip().startswith("amplify"))
    inside, of = map(int, re.findall(r"(\d+) of +(\d+) accounts", line)[0])
    assert inside >= 0.7 * of
    (named,) = re.findall(r"c-\w+", line)
    assert named in {c["id"] for c in campaigns(out / "found")}


def test_every_account_of_the_truth_is_counted_once(told) -> None:
    out, _ = told
    with (out / "world" / "labels.csv").open(encoding="utf-8", newline="") as file:
        accounts = sum(1 for _ in csv.DictReader(file))
    lines = against_truth(out / "world" / "labels.csv", out / "found" / "accounts.csv")
    counted = [re.findall(r"(\d+) of +(\d+) accounts", line) for line in lines]
    assert sum(int(found[0][1]) for found in counted if found) == accounts


def test_accounts_of_one_name_on_two_services_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        "account,service,is_operation,operation,kind\nanna,x,1,plot,fast\nanna,forum,0,,ordinary\n"
    )
    (tmp_path / "accounts.csv").write_text("account,campaign\nforum:anna,\nx:anna,c-1\n")
    assert against_truth(tmp_path / "labels.csv", tmp_path / "accounts.csv")[2:] == [
        "  ordinary     0 of    1 account in no campaign",
        "  plot         1 of    1 account in c-1",
    ]
