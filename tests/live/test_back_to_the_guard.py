"""From a hunt to a gateway that runs: a confirmed campaign changes what it answers."""

from __future__ import annotations

import itertools
import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.cli import hunt_world as hw
from tests.guard.gateway_process import Scripted, Serving, wait_for

from crossfix.cli import cli
from crossfix.store.registry import FingerprintTable, StoredFingerprint, open_registry

ACT_SECONDS = 10.0


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    scripted = Scripted(tmp_path / "upstream")
    started = Serving(tmp_path / "gateway", "--open", "--upstream", scripted.url)
    yield started
    started.end()
    scripted.end()


def campaigns(data: Path, *arguments: str) -> Any:
    ran = CliRunner().invoke(
        cli, ["campaigns", *arguments, "--json", "--data", str(data)], catch_exceptions=False
    )
    return json.loads(ran.stdout)


def decided(serving: Serving, account: str, text: str, **attributes: str) -> tuple[str, set[str]]:
    """Return the decision about a prompt, and the codes of its reasons."""
    asked = {"account": account, "texts": [text], "attributes": attributes}
    body = json.dumps(asked).encode()
    request = urllib.request.Request(
        f"{serving.url}/v1/decide", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found = json.load(answer)
    return found["decision"], {reason["code"] for reason in found.get("reasons", ())}


def test_a_confirmed_campaign_is_flagged_then_challenged_until_it_is_withdrawn(
    serving: Serving, tmp_path: Path
) -> None:
    data = serving.folder / "data"
    (tmp_path / "posts.csv").write_text(hw.as_csv(hw.world()), encoding="utf-8")
    hw.hunt(tmp_path / "posts.csv", "--out", tmp_path / "out", "--remember", "--data", data)
    (id,) = (c["id"] for c in hw.campaigns(tmp_path / "out") if "x:op_0" in hw.members(c))
    said = next(
        p["text"] for p in hw.world() if p["account"] == "op_3" and "petition." in p["text"]
    )  # fmt: skip
    prompt = " ".join(said.split()[:-1])
    assert decided(serving, "bystander", prompt) == ("allow", set())

    campaigns(data, "confirm", id, "--why", "seen by an analyst")
    # Each look is another account's: who asks again and again is challenged.
    asks = (f"asks{n}" for n in itertools.count())
    wait_for(lambda: decided(serving, next(asks), prompt)[0] != "allow", ACT_SECONDS)
    assert decided(serving, "other", prompt) == ("flag", {"content_fingerprint"})
    assert decided(serving, "other", "what is a petition, and who may sign it?")[0] == "allow"
    # Again and again is what the starter policy acts on.
    answers = [decided(serving, "worker", prompt)[0] for _ in range(5)]
    assert answers[:3] == ["flag"] * 3
    assert answers[-1] == "challenge"

    campaigns(data, "withdraw", id, "--why", "a mistake")
    wait_for(lambda: decided(serving, next(asks), prompt)[0] == "allow", ACT_SECONDS)


def test_a_device_of_a_campaign_is_flagged_wherever_it_signs_up_or_asks(serving: Serving) -> None:
    now = datetime.now(UTC)
    device = StoredFingerprint(id="f-device", kind="device", key="d-77af", source="campaign:c-x",
                               confidence=0.9, expires=now + timedelta(days=1))  # fmt: skip
    with open_registry(f"sqlite:///{serving.folder}/data/registry.sqlite") as registry:
        FingerprintTable(registry).save([device], now=now)
    asks = (f"asks{n}" for n in itertools.count())

    def flagged() -> bool:
        answer = decided(serving, next(asks), "good morning", device=" D-77aF ")
        return answer == ("flag", {"content_fingerprint"})

    wait_for(flagged, ACT_SECONDS)
    assert decided(serving, next(asks), "good morning", device="d-1")[0] == "allow"
