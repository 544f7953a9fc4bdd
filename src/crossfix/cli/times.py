"""Lengths of time as a person writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

_UNITS = {"m": 60, "h": 3_600, "d": 86_400}


class Time(click.ParamType[timedelta]):
    """A time such as ``30m``, ``12h`` or ``7d``."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the time."""
        text = str(value)
        number = text[:-1]
        if text[-1:] in _UNITS and number.isascii() and number.isdigit() and len(number) < 6:
            return timedelta(seconds=int(number) * _UNITS[text[-1]])
        self.fail(f"{text!r} is no time such as 30m, 12h or 7d")
