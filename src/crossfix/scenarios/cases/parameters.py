"""What an operation does so as not to be found, each a number that a round can set."""

from __future__ import annotations

from dataclasses import dataclass, fields

from crossfix.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """How an operation works and hides; benign groups use the same words.

    `MEANINGS` says what each is. All but the counts and the delay are shares from 0 to 1.
    """

    accounts: int = 8
    operators: int = 2
    batches: int = 6
    delay_seconds: float = 1800.0
    participation: float = 0.85
    edit_share: float = 0.0
    paraphrase: float = 0.0
    translation: float = 0.0
    homoglyphs: float = 0.0
    split: float = 0.0
    merge: float = 0.0
    chained: float = 0.25
    rotation: float = 0.3
    camouflage: float = 0.5
    links: float = 0.0

    def __post_init__(self) -> None:
        for name in COUNTS:
            if not 1 <= getattr(self, name) <= MOST:
                raise SettingError(f"{name} is a number from 1 to {MOST}")
        for name in SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")
        if not 1.0 <= self.delay_seconds <= LONGEST_DELAY:
            raise SettingError(f"delay_seconds is a number from 1 to {LONGEST_DELAY:.0f}")
        if self.camouflage > MOST_CAMOUFLAGE:
            raise SettingError(f"camouflage is at most {MOST_CAMOUFLAGE}")


MOST = 500
MOST_CAMOUFLAGE = 0.98
LONGEST_DELAY = 7 * 86_400.0
COUNTS = ("accounts", "operators", "batches")
SHARES = tuple(f.name for f in fields(Parameters) if f.name not in (*COUNTS, "delay_seconds"))
"""The parameters that are shares from 0 to 1."""

MEANINGS: dict[str, str] = {
    "accounts": "accounts that post, on each kind of service that the case uses",
    "operators": "accounts on each of the two AI services",
    "batches": "answers of a model that are taken apart and posted",
    "delay_seconds": "between a completion and its post: the median of a log-normal",
    "participation": "of the accounts that take part in a batch",
    "edit_share": "of a text's words that are changed before it is posted",
    "paraphrase": "of the posts that say their draft in other words",
    "translation": "of the posts that say their draft in another language",
    "homoglyphs": "of the posts in letters that only look like those of the draft",
    "split": "of the drafts that are cut into two posts",
    "merge": "of the drafts that are posted together with the next",
    "chained": "of the batches that the other AI service rewords before they are posted",
    "rotation": "of the calls and mails from an address never used before",
    "camouflage": "of a planted account's posts that are ordinary",
    "links": "of the drafts that name the group's own site",
}
"""What each parameter is, by its name."""
