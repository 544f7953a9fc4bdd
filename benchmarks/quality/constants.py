"""The named constants of the ranking, read from the modules that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

MODULES = ("steps", "reliability", "strength", "promptness", "rank", "calibrate", "validate",
           "group", "closest", "uphold", "founded", "company")  # fmt: skip


def constants() -> dict[str, dict[str, float]]:
    """Return, module by module of the network, each named number and each table of numbers."""
    found = {}
    for name in MODULES:
        module = import_module(f"crossfix.network.{name}")
        numbers = {}
        for key, value in vars(module).items():
            if not key.isupper():
                continue
            if isinstance(value, int | float):
                numbers[key] = float(value)
            elif isinstance(value, Mapping):
                numbers.update({f"{key}[{k}]": float(v) for k, v in value.items()
                                if isinstance(v, int | float)})  # fmt: skip
            elif isinstance(value, tuple) and all(isinstance(v, int | float) for v in value):
                numbers.update({f"{key}[{k}]": float(v) for k, v in enumerate(value)})
        found[name] = numbers
    return found


def show_constants() -> None:
    """Print them in one line a module."""
    print("\nNamed constants of the ranking, chosen by hand, none fitted to labels:")
    for module, numbers in constants().items():
        told = ", ".join(f"{key} {value:.7g}" for key, value in numbers.items())
        print(f"  network/{module}.py: {told or 'none'}")
