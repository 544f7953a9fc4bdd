"""One typed settings object: file < environment < argument."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from crossfix.errors import SettingError

PREFIX = "CROSSFIX_"
NOT_SETTINGS = frozenset({"CROSSFIX_CONFIG", "CROSSFIX_DATA"})
"""Variables with the prefix that are no settings: the path of the settings file, and the folder of
real data sets that tests read."""

DEFAULT_FILE = Path("crossfix.toml")
KEY_BYTES = 32
_URLS = {
    "store.url": "`sqlite` or `postgresql://…`",
    "store.valkey": "`valkey://…`, `redis://…` or `unix://…`",
}


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where things are kept."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^(sqlite|postgres(ql)?://.+)$",
            description="where events, registry and journal are kept: `sqlite` for three files in "
            "the data directory, or the URL of a PostgreSQL database, `postgresql://…`",
        ),
    ] = "sqlite"
    valkey: Annotated[
        Annotated[str, Meta(pattern=r"^((valkey|redis)s?://|(valkey\+|redis\+)?unix://).+$")]
        | None,
        Meta(
            description="URL of the Valkey or Redis server that counters are kept in; without it "
            "every process counts for itself",
        ),
    ] = None
    seal_rows: Annotated[
        int,
        Meta(
            ge=1,
            description="how many events may wait in the live part of the log before they are "
            "sealed into Parquet; a batch as large goes there at once",
        ),
    ] = 50_000


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of people, and for how long."""

    key_file: Annotated[
        Path | None,
        Meta(
            description="file with the secret key of keyed hashes, made on first use for its owner "
            "alone; without it `secret.key` in the data directory",
        ),
    ] = None
    retention_days: Annotated[
        int, Meta(ge=1, le=36_500, description="how many days raw text is kept")
    ] = 30


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting of crossfix."""

    data_directory: Annotated[
        Path, Meta(description="folder of everything that crossfix keeps")
    ] = Path(".crossfix")
    seed: Annotated[
        int,
        Meta(ge=0, lt=2**32, description="start of every random choice: same seed, same result"),
    ] = 0
    store: StoreSettings = StoreSettings()
    privacy: PrivacySettings = PrivacySettings()

    def url(self, part: Literal["events", "registry", "journal"]) -> str:
        """Return the database URL of one part of the store."""
        if self.store.url == "sqlite":
            return f"sqlite:///{self.data_directory.absolute() / part}.sqlite"
        return self.store.url

    @property
    def key_file(self) -> Path:
        """The file that holds the secret key of keyed hashes."""
        return self.privacy.key_file or self.data_directory / "secret.key"


@dataclass(frozen=True)
class SettingDescription:
    """One setting as documentation and error messages show it."""

    name: str
    environment: str
    type: str
    default: str
    meaning: str


@dataclass(frozen=True)
class _Setting:
    name: str
    type: Any
    default: Any
    meta: Meta

    @property
    def environment(self) -> str:
        return PREFIX + self.name.replace(".", "_").upper()


@dataclass(frozen=True)
class _Given:
    name: str
    value: object
    said: str
    path: str | None = None
    line: int | None = None
    folder: Path | None = None


def describe_settings() -> list[SettingDescription]:
    """Return every setting with its type, default and meaning, in the order of the tree."""
    return [
        SettingDescription(
            s.name,
            s.environment,
            _words(s),
            "none" if s.default is None else str(s.default),
            str(s.meta.description),
        )
        for s in _settings().values()
    ]


def load_settings(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    arguments: Mapping[str, object] | None = None,
) -> Settings:
    """Return the settings: defaults < TOML file < environment < arguments.

    Args:
        file: the TOML file; else the one that ``CROSSFIX_CONFIG`` names, else ``crossfix.toml``
            in the working directory if it is there.
        environment: the process's environment unless given.
        arguments: values by dotted name (``store.url``); ``None`` stands for not given.

    Raises:
        SettingError: a name is unknown or a value of the wrong type; all of them are named.
    """
    env = os.environ if environment is None else environment
    given = [
        *_from_file(file, env),
        *_from_environment(env),
        *(
            _Given(name, value, f"argument {name}")
            for name, value in (arguments or {}).items()
            if value is not None
        ),
    ]
    known, values, problems = _settings(), dict[str, Any](), list[SettingError]()
    for one in given:
        try:
            values[one.name] = _converted(one, known)
        except SettingError as e:
            problems.append(e)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise SettingError("\n".join(f"{p}" for p in problems))
    return _built(values)


def secret_key(path: Path) -> bytes:
    """Return the 32 bytes of the key in a file, making it for its owner alone on first use.

    Raises:
        SettingError: the file holds no key, or others than its owner may read it.
    """
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise SettingError(
            "The secret key may be read by others than its owner.",
            path=str(path),
            hint=f"Run: chmod 600 {path}",
        )
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingError(f"A secret key has {KEY_BYTES * 2} hex digits.", path=str(path))
    return key


def _make_key(path: Path) -> None:
    # Written beside and linked into place: two first uses at once agree on one whole key.
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    try:
        with os.fdopen(handle, "w") as f:
            f.write(secrets.token_hex(KEY_BYTES) + "\n")
            f.flush()
            os.fsync(f.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)


def _settings() -> dict[str, _Setting]:
    return {s.name: s for s in _leaves(Settings, "")}


def _leaves(struct: type[msgspec.Struct], prefix: str) -> Iterator[_Setting]:
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from _leaves(hint, f"{prefix}{field.name}.")
        else:
            meta = next(a for a in hint.__metadata__ if isinstance(a, Meta))
            yield _Setting(prefix + field.name, hint, field.default, meta)


def _from_file(file: Path | None, environment: Mapping[str, str]) -> Iterator[_Given]:
    named = file or (Path(environment["CROSSFIX_CONFIG"]) if environment.get("CROSSFIX_CONFIG")
                     else None)  # fmt: skip
    path = named or DEFAULT_FILE
    if named is None and not path.exists():
        return
    try:
        text = path.read_text("utf-8")
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        at = re.search(r"line (\d+), column (\d+)", str(e))
        line, column = (int(at[1]), int(at[2])) if at else (None, None)
        message = f"The settings file is not TOML: {str(e).split(' (at ')[0]}."
        raise SettingError(message, path=str(path), line=line, column=column) from e
    except (OSError, UnicodeDecodeError) as e:
        raise SettingError(f"The settings file cannot be read: {e}", path=str(path)) from e
    lines = _lines(text)
    for name, value in _flat(tree, ""):
        yield _Given(name, value, f"setting {name}", str(path), lines.get(name), path.parent)


def _flat(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    tables = {s.rpartition(".")[0] for s in _settings()}
    for key, value in tree.items():
        name = prefix + key
        if isinstance(value, dict) and (name in tables or value):
            yield from _flat(value, name + ".")
        else:
            yield name, value


def _lines(text: str) -> dict[str, int]:
    """Return the line of each key, as far as a line-by-line look tells."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.\- ]+?)\s*\]", line):
            table = header[1].replace(" ", "") + "."
        elif key := re.match(r"\s*([\w.\- ]+?)\s*=", line):
            found.setdefault(table + key[1].replace(" ", ""), number)
    return found


def _from_environment(environment: Mapping[str, str]) -> Iterator[_Given]:
    names = {s.environment: s.name for s in _settings().values()}
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in NOT_SETTINGS:
            # An unknown variable keeps its own name, so that the message shows what was written.
            yield _Given(names.get(variable, variable), environment[variable], variable)


def _converted(given: _Given, known: Mapping[str, _Setting]) -> Any:
    where: dict[str, Any] = {"path": given.path, "line": given.line}
    setting = known.get(given.name)
    if setting is None:
        in_environment = given.said == given.name
        allowed = [s.environment if in_environment else s.name for s in known.values()]
        near = get_close_matches(given.name, allowed, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(allowed)}."
        raise SettingError(f"There is no setting {given.name}.", hint=hint, **where)
    try:
        value = msgspec.convert(
            given.value, setting.type, strict=given.said != setting.environment, dec_hook=_path
        )
    except msgspec.ValidationError as e:
        said = given.said[0].upper() + given.said[1:]
        # The value itself stays unsaid: it may hold a password.
        raise SettingError(f"{said} must be {_words(setting)}.", **where) from e
    if isinstance(value, Path):
        value = (given.folder or Path()) / value.expanduser()
    return value


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, (str, Path)) and str(value):
        return Path(value)
    raise ValueError("not a path")


def _words(setting: _Setting) -> str:
    """Say in words what a setting's value may be."""
    if setting.name in _URLS:
        return _URLS[setting.name]
    inner = get_args(setting.type)[0] if get_origin(setting.type) is Annotated else setting.type
    kinds = [k for k in (get_args(inner) or (inner,)) if k is not type(None)]
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false",
             Path: "a path"}  # fmt: skip
    said = " or ".join(names[k] for k in kinds)
    meta = setting.meta
    if meta.ge is not None:
        said += f" from {meta.ge}"
    if meta.le is not None or meta.lt is not None:
        said += f" to {meta.le if meta.le is not None else int(meta.lt or 0) - 1}"
    return said


def _built(values: Mapping[str, Any]) -> Settings:
    tree: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {"store": {}, "privacy": {}}
    for name, value in values.items():
        group, _, leaf = name.rpartition(".")
        (groups[group] if group else tree)[leaf] = value
    return Settings(
        **tree,
        store=StoreSettings(**groups["store"]),
        privacy=PrivacySettings(**groups["privacy"]),
    )
