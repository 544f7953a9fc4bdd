"""One typed settings object: file < environment < argument."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from crossfix.config.settings import Settings
from crossfix.errors import SettingError

_T = TypeVar("_T", bound=msgspec.Struct)

PREFIX = "CROSSFIX_"
NOT_SETTINGS = frozenset({
    "CROSSFIX_CONFIG", "CROSSFIX_DATA", "CROSSFIX_KEY",
    "CROSSFIX_GUARD_URL", "CROSSFIX_GUARD_KEY", "CROSSFIX_GUARD_OPEN",
})  # fmt: skip
"""Variables with the prefix that are no settings: the path of the settings file, the folder of real
data sets that tests read, and what clients of a gateway keep (its address, a key)."""

_OF_CLUSTER = re.compile(
    r"CROSSFIX_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
"""What Kubernetes sets in every container where a service's name begins with ``crossfix``."""

DEFAULT_FILE = Path("crossfix.toml")
_URLS = {
    "store.url": "`sqlite` or `postgresql://…`",
    "store.valkey": "`valkey://…`, `redis://…` or `unix://…`",
}


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
    """A setting; ``*`` in its name stands for a name that whoever writes the file chooses."""

    name: str
    type: Any
    default: Any
    meta: Meta

    @property
    def environment(self) -> str:
        return "" if "*" in self.name else PREFIX + self.name.replace(".", "_").upper()


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
            _said_default(s.default),
            str(s.meta.description),
        )
        for s in _settings().values()
    ]


def _said_default(value: object) -> str:
    if value is msgspec.NODEFAULT:
        return "must be given"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


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


def _settings() -> dict[str, _Setting]:
    return {s.name: s for s in _leaves(Settings, "")}


def _find(name: str, known: Mapping[str, _Setting]) -> _Setting | None:
    if name in known:
        return known[name]
    parts = name.split(".")
    for setting in known.values():
        pattern = setting.name.split(".")
        if len(parts) == len(pattern) and all(map(_covers, pattern, parts)):
            return setting
    return None


def _covers(pattern: str, part: str) -> bool:
    return pattern in ("*", part)


def _leaves(struct: type[msgspec.Struct], prefix: str) -> Iterator[_Setting]:
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from _leaves(hint, f"{prefix}{field.name}.")
        elif get_origin(hint) is dict:
            yield from _leaves(get_args(hint)[1], f"{prefix}{field.name}.*.")
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
    names = {s.environment: s.name for s in _settings().values() if s.environment}
    for variable in sorted(environment):
        value = environment[variable]
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        if _OF_CLUSTER.fullmatch(variable) or (variable.endswith("_PORT") and "://" in value):
            continue  # the second is the address of a service, not somebody's port
        # An unknown variable keeps its own name, so that the message shows what was written.
        yield _Given(names.get(variable, variable), value, variable)


def _converted(given: _Given, known: Mapping[str, _Setting]) -> Any:
    where: dict[str, Any] = {"path": given.path, "line": given.line}
    setting = _find(given.name, known)
    if setting is None:
        in_environment = given.said == given.name
        allowed = [s.environment if in_environment else s.name for s in known.values()]
        near = get_close_matches(given.name, allowed, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(allowed)}."
        raise SettingError(f"There is no setting {given.name}.", hint=hint, **where)
    said_value = given.value
    if given.said == setting.environment and get_origin(_bare(setting.type)) is tuple:
        said_value = [part.strip() for part in str(said_value).split(",") if part.strip()]
    try:
        value = msgspec.convert(
            said_value, setting.type, strict=given.said != setting.environment, dec_hook=of_path
        )
    except msgspec.ValidationError as e:
        said = given.said[0].upper() + given.said[1:]
        # The value itself stays unsaid: it may hold a password.
        raise SettingError(f"{said} must be {_words(setting)}.", **where) from e
    if isinstance(value, Path):
        value = (given.folder or Path()) / value.expanduser()
    return value


def of_path(kind: type, value: object) -> object:
    """Return a path where a setting is one; msgspec asks this for types that it does not know."""
    if kind is Path and isinstance(value, (str, Path)) and str(value):
        return Path(value)
    raise ValueError("not a path")


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _words(setting: _Setting) -> str:
    """Say in words what a setting's value may be."""
    if setting.name in _URLS:
        return _URLS[setting.name]
    if (setting.meta.pattern or "").startswith("^https?://"):
        return "an address that begins with http:// or https://"
    inner = _bare(setting.type)
    kinds = [k for k in (_alternatives(inner)) if k is not type(None)]
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false",
             Path: "a path", tuple: "a list of texts"}  # fmt: skip
    said = " or ".join(_choice(k) or names[get_origin(_bare(k)) or _bare(k)] for k in kinds)
    # A bound of a value that may be left away stands with the value itself.
    inside = [a for k in kinds for a in getattr(k, "__metadata__", ()) if isinstance(a, Meta)]
    meta = inside[0] if inside else setting.meta
    if meta.ge is not None:
        said += f" from {meta.ge}"
    if meta.gt is not None:
        said += f" above {meta.gt}"
    if meta.le is not None or meta.lt is not None:
        said += f" to {meta.le if meta.le is not None else int(meta.lt or 0) - 1}"
    return said


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _choice(kind: Any) -> str:
    return " or ".join(f"`{v}`" for v in get_args(kind)) if get_origin(kind) is Literal else ""


def _built(values: Mapping[str, Any]) -> Settings:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *path, leaf = name.split(".")
        table = tree
        for part in path:
            table = table.setdefault(part, {})
        table[leaf] = value
    return _made(Settings, tree)


def _made(struct: type[_T], tree: Mapping[str, Any]) -> _T:
    hints = get_type_hints(struct)
    values: dict[str, Any] = {}
    for name, value in tree.items():
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            value = _made(hint, value)
        elif get_origin(hint) is dict:
            kind = get_args(hint)[1]
            value = {k: _made(kind, v) for k, v in value.items()}
        values[name] = value
    try:
        return struct(**values)
    except TypeError as e:  # a table lacks what has no default
        lacking = [
            f.name for f in msgspec.structs.fields(struct) if f.required and f.name not in values
        ]
        raise SettingError(f"A table of the settings lacks {', '.join(lacking)}.") from e
