import json
from pathlib import Path

import pytest

from crossfix.config import Settings, load_settings
from crossfix.errors import SettingError
from crossfix.guard import DEFAULT_PLAN, Request
from crossfix.guard.assembly import assemble_guard, assemble_identities, plan_of, spend_of
from crossfix.guard.identity import Identity, sign
from crossfix.guard.keys import Key

NOW = 1_790_000_000.0


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "crossfix.toml"
    path.write_text(text)
    return load_settings(path, environment={})


def test_the_guard_of_no_settings_has_the_default_plan_and_the_starter_pack() -> None:
    guard = assemble_guard(Settings())
    request = Request(id="r", service="app", account="app:u", action="prompt", texts=("Hello.",))
    assert guard.decide(request, NOW).answer == "allow"
    assert guard.rules is not None
    assert guard.plan.plan == DEFAULT_PLAN
    assert guard.spend is not None
    assert guard.spend.caps == ()


def test_limits_of_the_settings_stand_beside_or_for_those_of_the_plan(tmp_path: Path) -> None:
    given = """
    [guard.limits.strict]
    scope = "account"
    counted = "requests"
    limit = 5
    period_seconds = 60
    [guard.limits.dear]
    scope = "model"
    counted = "requests"
    limit = 1
    period_seconds = 9
    only = "o3"
    """
    plan = plan_of(settings(tmp_path, given))
    assert len(plan.limits) == len(DEFAULT_PLAN.limits) + 1
    assert {x.limit for x in plan.limits if x.name == "account-requests-60"} == {5}
    bare = plan_of(settings(tmp_path, "[guard]\ndefault_limits = false\n" + given))
    assert [x.limit for x in bare.limits] == [5, 1]


def test_caps_come_from_the_settings(tmp_path: Path) -> None:
    spend = spend_of(settings(tmp_path, "[spend]\naccount_day = 1.5\norganisation_month = 0\n"))
    assert [(c.holder, c.period, c.amount) for c in spend.caps] == [
        ("account", "day", 1.5), ("organisation", "month", 0.0)
    ]  # fmt: skip


def test_signed_headers_need_a_secret_that_is_one(tmp_path: Path) -> None:
    given = settings(tmp_path, "[identity]\nsecret = 'MY_SECRET'\n")
    for wrong in ({}, {"MY_SECRET": "short"}, {"MY_SECRET": "x" * 32 + " short"}):
        with pytest.raises(SettingError, match="MY_SECRET"):
            assemble_identities(given, wrong)
    identities = assemble_identities(given, {"MY_SECRET": "n" * 32 + " " + "o" * 32})
    headers = {"x-crossfix-account": "ann", "x-crossfix-time": str(int(NOW)),
               "x-crossfix-signature": sign(b"o" * 32, "ann", int(NOW))}  # fmt: skip
    found = identities.identify(Key(id="k", identity=("signed",)), headers, {}, NOW)
    assert found == Identity(account="app:ann", source="signed")


def test_a_key_set_needs_an_issuer(tmp_path: Path) -> None:
    keys = {"keys": [{"kty": "oct", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    text = "[identity]\nkey_set = 'keys.json'\n"
    with pytest.raises(SettingError, match="issuer"):
        assemble_identities(settings(tmp_path, text), {})
    assemble_identities(settings(tmp_path, text + "issuer = 'shop'\n"), {})
