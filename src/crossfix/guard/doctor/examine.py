"""All looks, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from crossfix.errors import CrossfixError
from crossfix.guard.doctor import named, outside, place, rules
from crossfix.guard.doctor.line import Line, Patient, fail

CHECKS: dict[str, tuple[Callable[[Patient], Iterator[Line]], str]] = {
    "data": (place.data_directory, "the data directory is there and can be written"),
    "disk": (place.disk, "there is room for events"),
    "key file": (place.key_file, "the secret key is whole and its owner's alone"),
    "store": (place.store, "events, registry and journal can be opened; migrations are done; no "
              "entry of the journal was changed"),
    "valkey": (place.valkey, "the server of shared limits answers"),
    "workers": (rules.workers, "several workers have a server to count limits in"),
    "upstream": (outside.upstreams, "every model API answers, takes its key and lists models; the "
                 "clock agrees with its"),
    "policies": (rules.policies, "every policy can be read, and some are live"),
    "prices": (rules.prices, "the price table can be read; it is not old where caps need it"),
    "address": (rules.exposure, "the gateway cannot be reached by everybody without a key"),
    "keys": (rules.keys, "no key ends soon; what they trust for identity can be checked"),
    "users": (rules.lone_keys, "the users behind each key can be told apart in last week's events"),
    "identity": (named.identity, "what tokens and signed headers are checked with is there"),
    "checks": (named.checks, "indicators and one's own head can be read"),
    "classifiers": (named.classifiers, "each classifier has its key and answers"),
    "verification": (named.verification, "people can pass a challenge: its link leads to them, and "
                     "the mail server answers"),
    "export": (named.export, "the collector that calls are pushed to answers"),
    "alerts": (outside.alerts, "alerts have somewhere to go; the mail server answers"),
}  # fmt: skip
"""Every look by its name, with what it sees to; the documentation lists them."""

_CODES = {"input": 2, "outside": 3, "failed": 1}


def examine(patient: Patient) -> Iterator[Line]:
    """Yield what is found, look by look; a look that fails itself is a line, too."""
    for name, (look, _) in CHECKS.items():
        try:
            yield from look(patient)
        except (CrossfixError, OSError) as e:
            yield fail(name, f"could not be looked at: {e}", "Mend what it says.")


def exit_code(lines: Iterable[Line]) -> int:
    """Return 0 where nothing fails, else 2 for settings, 3 for what is outside, 1 for the rest."""
    blamed = [line.blame for line in lines if line.status == "fail"]
    return next((_CODES[blame] for blame in _CODES if blame in blamed), 0)
