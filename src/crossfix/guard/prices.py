"""What calls of models cost, from a table of prices per million tokens."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from crossfix.errors import SettingError

SHIPPED = Path(__file__).with_name("prices.toml")
"""The prices that come with crossfix."""

MICRO = 1_000_000
"""Money is counted in whole millionths of the currency, so that sums are exact."""

_MOST_REMEMBERED = 1_000
_MOST_TOKENS = 10**9


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices of a million tokens: of the prompt, of the answer, of what was cached of the prompt.

    Without a price of its own what was cached costs as the rest does.
    """

    into: float = msgspec.field(name="in")
    out: float
    cached: float | None = None

    def __post_init__(self) -> None:
        for value in (self.into, self.out, self.cached or 0.0):
            if not 0 <= value < 1e6:
                raise ValueError("a price is from 0 to a million")


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    currency: str
    models: dict[str, Price]
    as_of: str = ""


class Prices:
    """A table of prices by model; a pattern may end in ``*``, and the longest that fits holds."""

    def __init__(
        self, models: Mapping[str, Price], *, currency: str = "USD", as_of: str = ""
    ) -> None:
        self.currency = currency
        self.as_of = as_of
        self._exact = {m: p for m, p in models.items() if not m.endswith("*")}
        begins = sorted((m for m in models if m.endswith("*")), key=len, reverse=True)
        self._begins = [(m[:-1], models[m]) for m in begins]
        self._found: dict[str, Price | None] = {}

    @classmethod
    def of_file(cls, path: Path = SHIPPED) -> Prices:
        """Read a table from a TOML file.

        Raises:
            SettingError: it cannot be read, or is none.
        """
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            table = msgspec.convert(document, _Table)
        except (OSError, ValueError) as e:
            raise SettingError(f"The prices cannot be read: {e}", path=str(path)) from e
        return cls(table.models, currency=table.currency, as_of=table.as_of)

    def of(self, model: str) -> Price | None:
        """Return the price of a model, or nothing where none fits."""
        if model not in self._found:
            if len(self._found) >= _MOST_REMEMBERED:  # names come from clients
                self._found.clear()
            fits = (price for begin, price in self._begins if model.startswith(begin))
            self._found[model] = self._exact.get(model) or next(fits, None)
        return self._found[model]

    def cost(self, model: str, tokens_in: int, tokens_out: int, cached_in: int = 0) -> int | None:
        """Return what a call cost in millionths, ``cached_in`` being part of ``tokens_in``.

        Nothing is returned for a model without a price.
        """
        price = self.of(model)
        if price is None:
            return None
        tokens_in, tokens_out = (min(max(0, n), _MOST_TOKENS) for n in (tokens_in, tokens_out))
        cached_in = min(max(0, cached_in), tokens_in)
        cached = price.into if price.cached is None else price.cached
        # A price per million tokens is a price in millionths per token.
        return round(
            (tokens_in - cached_in) * price.into + cached_in * cached + tokens_out * price.out
        )
