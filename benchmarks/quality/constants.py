"""The named constants of the ranking, read from the modules that hold them."""

from __future__ import annotations

from importlib import import_module

MODULES = ("steps", "reliability", "strength", "promptness", "rank", "calibrate", "validate",
           "group", "uphold")  # fmt: skip


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
            elif hasattr(value, "items"):
                numbers.update({f"{key}[{k}]": float(v) for k, v in value.items()})
        found[name] = numbers
    return found


def show_constants() -> None:
    """Print them in one line a module."""
    print("\nNamed constants of the ranking, chosen by hand, none fitted to labels:")
    for module, numbers in constants().items():
        told = ", ".join(f"{key} {value:g}" for key, value in numbers.items())
        print(f"  network/{module}.py: {told or 'none'}")
