"""Keys in attributes, against the traces that a hunt finds in the same events."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.events import to_batch
from crossfix.matching.known_keys import KINDS, KnownKeys
from crossfix.store.registry import StoredFingerprint
from crossfix.traces import EXTRACTORS
from crossfix.traces.sample import sample

VALUES = ["D-1", " d-1 ", "unknown", "0000", "ab" * 32, "sha256:" + "AB" * 32, "", "K" * 300,
          "Tweet-x5"]  # fmt: skip
NAMES = ["device", "payment", "credential", "certificate", "template", "ip"]
ACTIONS = ["prompt", "completion", "refusal", "send", "message", "signup", "post"]


def everything() -> list[StoredFingerprint]:
    keys = {v.strip().lower() for v in VALUES} | {"ab" * 32}
    return [
        StoredFingerprint(id=f"{kind}={key}", kind=kind, key=key, source="campaign:c",
                          confidence=0.9)
        for kind in sorted(KINDS) for key in sorted(keys)
    ]  # fmt: skip


KNOWN = KnownKeys(everything())


@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES)), st.sampled_from(ACTIONS))
def test_an_events_keys_are_those_that_its_traces_are(
    attributes: dict[str, str], action: str
) -> None:
    batch = to_batch([sample(action=action, attributes=attributes)])
    wanted = {
        f"{kind}={key}"
        for kind in KINDS
        for key in pa.array(EXTRACTORS[kind]().extract(batch).values).to_pylist()
    }
    assert {one.name for one in KNOWN.find(attributes, action)} == wanted


@pytest.mark.parametrize(("source", "check"), [("campaign:c", "fingerprint"), ("live:s", "swarm")])
def test_what_nobody_confirmed_is_a_swarms(source: str, check: str) -> None:
    one = StoredFingerprint(id="f", kind="device", key="d-1", source=source, confidence=0.5)
    known = KnownKeys([one])
    (found,) = known.find({"device": "D-1"}, "signup")
    assert (found.check, found.name, found.score) == (check, "f", 0.5)
    assert known.find({"device": "d-2"}, "signup") == []
    assert KnownKeys().find({"device": "D-1"}, "signup") == []
