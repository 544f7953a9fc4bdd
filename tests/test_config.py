import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.config import (
    NOT_SETTINGS,
    Settings,
    StoreSettings,
    describe_settings,
    load_settings,
    secret_key,
)
from crossfix.errors import SettingError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "crossfix.toml"


def test_without_anything_the_defaults_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(environment={}) == Settings()
    assert Settings().url("events") == f"sqlite:///{tmp_path}/.crossfix/events.sqlite"
    assert Settings().key_file == Path(".crossfix/secret.key")


def test_an_argument_beats_the_environment_and_that_beats_the_file(file: Path) -> None:
    file.write_text("seed = 1\n[privacy]\nretention_days = 7\n[store]\nseal_rows = 5\n")
    environment = {"CROSSFIX_SEED": "2", "CROSSFIX_STORE_SEAL_ROWS": "6", "HOME": "/"}
    got = load_settings(file, environment, {"seed": 3, "store.url": None})
    assert (got.seed, got.store.seal_rows, got.privacy.retention_days) == (3, 6, 7)
    assert got.store.url == "sqlite"


def test_the_environment_may_name_the_file_and_a_named_file_must_be_there(file: Path) -> None:
    file.write_text("seed = 9\n")
    assert load_settings(environment={"CROSSFIX_CONFIG": str(file)}).seed == 9
    with pytest.raises(SettingError, match="cannot be read"):
        load_settings(file.with_name("other.toml"), {})


def test_a_file_in_the_working_directory_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("seed = 4\n")
    monkeypatch.chdir(file.parent)
    assert load_settings(environment={}).seed == 4


def test_a_path_in_the_file_is_meant_from_the_files_folder(file: Path) -> None:
    file.write_text("data_directory = 'kept'\n")
    assert load_settings(file, {}).data_directory == file.parent / "kept"
    got = load_settings(file, {"CROSSFIX_DATA_DIRECTORY": "here"})
    assert got.data_directory == Path("here")


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("sed = 1\n", 1, "There is no setting sed.", "Did you mean seed?"),
        ("\n[store]\n\nurls = 'sqlite'\n", 4, "There is no setting store.urls.", "store.url"),
        ("store.urls = 'sqlite'\n", 1, "There is no setting store.urls.", "store.url"),
        ("zzzz = 1\n", 1, "There is no setting zzzz.", "Settings are: data_directory, seed"),
        ("# a\nseed = 'one'\n", 2, "Setting seed must be a whole number from 0 to 4294967295.", ""),
        ("seed = -1\n", 1, "Setting seed must be a whole number", ""),
        ("seed = true\n", 1, "Setting seed must be a whole number", ""),
        ("seed = 1.5\n", 1, "Setting seed must be a whole number", ""),
        ("data_directory = 3\n", 1, "Setting data_directory must be a path.", ""),
        ("store = 3\n", 1, "There is no setting store.", ""),
        ("[store]\nurl = 'mysql://x'\n", 2, "must be `sqlite` or `postgresql://…`.", ""),
        ("[store]\nvalkey = 'x'\n", 2, "must be `valkey://…`, `redis://…` or `unix://…`.", ""),
        ("seed = \n", 1, "The settings file is not TOML", ""),
        ("a = 1\na = 2\n", 2, "The settings file is not TOML", ""),
    ],
)
def test_a_wrong_setting_is_named_with_its_line_and_what_is_allowed(
    file: Path, text: str, line: int, message: str, hint: str
) -> None:
    file.write_text(text)
    with pytest.raises(SettingError) as caught:
        load_settings(file, {})
    assert message in caught.value.message
    assert (caught.value.path, caught.value.line) == (str(file), line)
    assert hint in (caught.value.hint or "")
    assert caught.value.exit_code == 2


def test_a_wrong_variable_is_named_as_it_was_written() -> None:
    with pytest.raises(SettingError, match="There is no setting CROSSFIX_SED") as caught:
        load_settings(environment={"CROSSFIX_SED": "1"})
    assert caught.value.hint == "Did you mean CROSSFIX_SEED?"
    with pytest.raises(SettingError, match="CROSSFIX_SEED must be a whole number"):
        load_settings(environment={"CROSSFIX_SEED": "one"})
    assert load_settings(environment=dict.fromkeys(NOT_SETTINGS - {"CROSSFIX_CONFIG"}, "x"))


def test_all_wrong_settings_are_said_at_once(file: Path) -> None:
    file.write_text("sed = 1\nseed = 'x'\n")
    with pytest.raises(SettingError) as caught:
        load_settings(file, {}, {"nothing": 1})
    assert f"{file}:1: There is no setting sed." in str(caught.value)
    assert f"{file}:2: Setting seed must be" in str(caught.value)
    assert "There is no setting nothing." in str(caught.value)


def test_a_refused_value_is_not_repeated_because_it_may_hold_a_password() -> None:
    with pytest.raises(SettingError) as caught:
        load_settings(environment={"CROSSFIX_STORE_URL": "mysql://me:hunter2@host/db"})
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match="cannot be read"):
        load_settings(file, {})


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_either_settings_or_a_setting_error(tmp_path_factory: pytest.TempPathFactory,
                                                        text: str) -> None:  # fmt: skip
    file = tmp_path_factory.mktemp("c") / "c.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(SettingError):
        assert isinstance(load_settings(file, {}), Settings)


def test_every_setting_is_described() -> None:
    described = {d.name: d for d in describe_settings()}
    assert list(described)[:4] == ["data_directory", "seed", "store.url", "store.valkey"]
    assert "gateway.upstreams.*.url" in described
    assert all(d.meaning and d.meaning != "None" for d in described.values())
    assert described["store.url"].environment == "CROSSFIX_STORE_URL"
    assert described["privacy.retention_days"].type == "a whole number from 1 to 36500"
    assert described["privacy.key_file"].default == "none"


def test_postgresql_keeps_all_parts_behind_one_url() -> None:
    kept = Settings(store=StoreSettings(url="postgresql://db/x"))
    assert kept.url("events") == kept.url("journal") == "postgresql://db/x"


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(path), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret.key"]


def test_a_key_that_others_can_read_or_that_is_broken_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    secret_key(path)
    os.chmod(path, 0o644)
    with pytest.raises(SettingError, match="read by others"):
        secret_key(path)
    os.chmod(path, 0o600)
    path.write_text("abc")
    with pytest.raises(SettingError, match="64 hex digits"):
        secret_key(path)


def test_tables_with_names_of_ones_own_become_one_object_each(file: Path) -> None:
    file.write_text(
        "[gateway.upstreams.big]\nurl = 'https://api.example.org/v1'\nmodels = ['big-*']\n"
        "[gateway.upstreams.small]\nurl = 'http://127.0.0.1:9'\n"
    )
    got = load_settings(file, {}).gateway.upstreams
    assert got["big"].models == ("big-*",)
    assert got["small"].url == "http://127.0.0.1:9"


def test_a_table_that_lacks_what_it_needs_is_refused(file: Path) -> None:
    file.write_text("[gateway.upstreams.big]\nmodels = ['big-*']\n")
    with pytest.raises(SettingError, match="lacks url"):
        load_settings(file, {})


def test_what_a_cluster_and_clients_put_into_the_environment_is_no_setting() -> None:
    given = {
        "CROSSFIX_SERVICE_HOST": "10.0.0.1", "CROSSFIX_SERVICE_PORT": "8080",
        "CROSSFIX_SERVICE_PORT_HTTP": "8080", "CROSSFIX_PORT": "tcp://10.0.0.1:8080",
        "CROSSFIX_PORT_8080_TCP": "tcp://10.0.0.1:8080", "CROSSFIX_PORT_8080_TCP_ADDR": "10.0.0.1",
        "CROSSFIX_GATEWAY_SERVICE_HOST": "10.0.0.1", "CROSSFIX_GATEWAY_PORT": "tcp://10.0.0.1:80",
        "CROSSFIX_GATEWAY_PORT_80_TCP_PROTO": "tcp",
        "CROSSFIX_KEY": "cfx_1", "CROSSFIX_GUARD_URL": "http://localhost:8080",
    }  # fmt: skip
    assert load_settings(environment=given) == Settings()
    assert load_settings(environment={"CROSSFIX_GATEWAY_PORT": "90"}).gateway.port == 90
    assert load_settings(environment={"CROSSFIX_GATEWAY_SERVICE": "shop"}).gateway.service == "shop"
    for wrong in ("CROSSFIX_PORT", "CROSSFIX_KEYS", "CROSSFIX_SERVICE"):
        with pytest.raises(SettingError, match=f"There is no setting {wrong}"):
            load_settings(environment={wrong: "90"})
