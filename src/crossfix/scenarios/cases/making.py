"""What a case is made with: accounts, calls of models, posts, and a record of what is true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Unpack

from crossfix.events import Event
from crossfix.events.event import Action, Surface, event_id
from crossfix.events.readers.entities import urls_in
from crossfix.events.readers.service_events import Rest
from crossfix.scenarios.cases.case_world import CaseAccount, CaseWorld, Role, Step
from crossfix.scenarios.cases.evade import Posted
from crossfix.scenarios.cases.grammar import invented, person_name
from crossfix.scenarios.cases.native import native_account, native_event
from crossfix.scenarios.cases.parameters import Parameters
from crossfix.scenarios.naming import token
from crossfix.scenarios.world import START as FIRST

START = datetime.fromtimestamp(FIRST / 1e6, UTC)
DAYS = 14
AI_SERVICES = ("atlas", "meridian")
"""The two AI services of every world; the first writes chat logs, the second LiteLLM's."""
MODELS = {"atlas": "atlas-chat-2", "meridian": "meridian-large"}
SOCIAL = ("x", "mastodon", "bluesky")

_SITES = ("news", "blog", "shop")
PROFILED = ("x", "mastodon", "bluesky", "youtube")
_SURFACES: dict[str, Surface] = {"atlas": "ai", "meridian": "ai"}
_LANGUAGE_SHARES = (0.46, 0.2, 0.2, 0.14)
_NEW_DAYS = 150


@dataclass(frozen=True)
class Person:
    """Somebody with hours of their own, a language and an address."""

    name: str
    language: str
    peak: float
    spread: float
    network: str
    created: datetime
    followers: int


@dataclass(frozen=True)
class Call:
    """One call of a model: its prompt and its completion."""

    prompt: Event
    completion: Event


@dataclass
class Making:
    """A world while it is made; ``group_rng`` decides what groups do, ``life_rng`` all else.

    Two sources of chance, so that other parameters leave the people around the group as they are.
    """

    name: str
    size: int
    seed: int
    parameters: Parameters
    start: datetime = START
    days: int = DAYS
    events: list[Event] = field(default_factory=list)
    accounts: list[CaseAccount] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    ordinary: list[tuple[str, Person, datetime]] = field(default_factory=list)
    """Ordinary posts still to be written: who, in which person's manner, when."""
    subjects: list[int] = field(default_factory=list)
    """What the groups talk about; others talk about it too."""

    def __post_init__(self) -> None:
        self.group_rng = Random(f"{self.seed}:{self.name}:group")
        self.life_rng = Random(f"{self.seed}:{self.size}:life")
        self.sites = [f"{invented(self.life_rng)}-{self.life_rng.choice(_SITES)}.example"
                      for _ in range(25)]  # fmt: skip
        """The sites that everybody links to."""
        self.documents: dict[str, bytes] = {}
        self._taken: set[tuple[str, str]] = set()
        self._profiles: dict[str, dict[str, str]] = {}
        self._number = 0

    @property
    def end(self) -> datetime:
        """The world's last moment."""
        return self.start + timedelta(days=self.days)

    def person(self, rng: Random, language: str | None = None, *, new: float = 0.15) -> Person:
        """Return a new person; ``new`` is how likely they joined in the last months."""
        spoken = language or rng.choices(("en", "de", "es", "fr"), _LANGUAGE_SHARES)[0]
        age = rng.uniform(5, _NEW_DAYS) if rng.random() < new else rng.uniform(_NEW_DAYS, 4000)
        return Person(
            name=f"p-{rng.getrandbits(40):010x}", language=spoken,
            peak=rng.choice((12.5, 18.0, 20.0)) + rng.gauss(0, 1.5), spread=rng.uniform(2, 4),
            network=f"2001:db8:{rng.getrandbits(16):x}:{rng.getrandbits(16):x}",
            created=(self.start - timedelta(days=age)).replace(microsecond=0),
            followers=int(rng.lognormvariate(math.log(150), 1.2)),
        )  # fmt: skip

    def account(
        self, rng: Random, service: str, person: Person, *, group: str = "",
        kind: str = "ordinary", role: Role = "person", is_operation: bool = False,
    ) -> str:  # fmt: skip
        """Add an account; return its name, ``service:native-id``."""
        native = self._native(rng, service)
        name = f"{service}:{native}"
        self.accounts.append(
            CaseAccount(name, is_operation, group, kind, role, person.name, person.language)
        )
        self._introduce(rng, service, name, person)
        return name

    def named(
        self, account: str, person: Person, *, group: str = "", kind: str = "ordinary",
        role: Role = "person", is_operation: bool = False,
    ) -> str:  # fmt: skip
        """Add an account whose name is given: a site's, a mailbox, a visitor's address."""
        self.accounts.append(
            CaseAccount(account, is_operation, group, kind, role, person.name, person.language)
        )
        return account

    def new_chat(self) -> str:
        """Return the number of a chat that nobody had yet."""
        self._number += 1
        return str(10_000 + self._number)

    def message(self, account: str, chat: str, time: datetime, text: str) -> Event:
        """Add a message in a chat."""
        self._number += 1
        return self.add(account, "message", time, native=f"{chat}/{self._number}", text=text,
                        conversation=chat)  # fmt: skip

    def _introduce(self, rng: Random, service: str, name: str, person: Person) -> None:
        """Keep what a social service shows of an account; Bluesky tells of it as an event."""
        if service not in PROFILED:
            return
        profile = {"display_name": person_name(rng), "created": person.created.isoformat()}
        if service == "bluesky":
            self.add(name, "profile", self.start, attributes=profile)
        else:
            profile["followers"] = str(person.followers)
        self._profiles[name] = profile

    def _native(self, rng: Random, service: str) -> str:
        while True:
            name = native_account(rng, service)
            if (service, name) not in self._taken:
                self._taken.add((service, name))
                return name

    def moment(self, rng: Random, person: Person) -> datetime:
        """Return a time at which this person is awake and about."""
        day = rng.randrange(self.days)
        seconds = (rng.gauss(person.peak, person.spread) % 24) * 3600
        return self.start + timedelta(days=day, seconds=int(seconds))

    def address(self, rng: Random, person: Person, rotation: float) -> str:
        """Return the address that somebody acts from: home, or with ``rotation`` a new one."""
        if rng.random() < rotation:
            return f"2001:db8:{rng.getrandbits(16):x}:{rng.getrandbits(16):x}::1"
        return f"{person.network}::{rng.randint(1, 9)}"

    def add(
        self, account: str, action: Action, time: datetime, *, native: str = "",
        **rest: Unpack[Rest],
    ) -> Event:  # fmt: skip
        """Add an event; without ``native`` it gets an id as its service gives them."""
        service, _, own = account.partition(":")
        self._number += 1
        seed = f"{self.seed}:{self.name}:{self._number}"
        native = native or native_event(service, own, action, time, seed)
        profile = {} if service == "bluesky" else self._profiles.get(account, {})
        rest.setdefault("urls", tuple(urls_in(rest.get("text") or "")))
        rest["attributes"] = {**profile, **rest.get("attributes", {}), "native": native}
        event = Event(
            id=event_id(service, native), time=time, received=time, service=service,
            surface=_SURFACES.get(service, "social"), account=account, action=action, **rest,
        )  # fmt: skip
        self.events.append(event)
        return event

    def document(self, event: Event, raw: bytes) -> Event:
        """Add the event that a reader made of a mail or a page, with the very bytes of it."""
        self.events.append(event)
        self.documents[event.id] = raw
        return event

    def call(
        self, rng: Random, account: str, person: Person, time: datetime, prompt: str, answer: str,
        rotation: float = 0.3,
    ) -> Call:  # fmt: skip
        """Add a prompt and its completion, some seconds apart."""
        service = account.partition(":")[0]
        self._number += 1
        base = token("chatcmpl-", self.seed, self.name, self._number)
        asked = "prompt0" if service == "atlas" else "prompt"
        shared = {"model": MODELS[service], "ip": self.address(rng, person, rotation)}
        first = self.add(account, "prompt", time, native=f"{base}#{asked}", text=prompt,
                         attributes=shared)  # fmt: skip
        # Chat logs have one time a call; LiteLLM's say when it began and when it ended.
        ended = time if service == "atlas" else time + timedelta(seconds=rng.randint(2, 20))
        return Call(first, self.add(
            account, "completion", ended, native=f"{base}#choice0", text=answer, parent=first.id,
            attributes={**shared, "finish": "stop"},
        ))  # fmt: skip

    def came_of(self, group: str, call: Call, event: Event, posted: Posted) -> None:
        """Record that an event says what a completion said."""
        text = "\n".join(draft.text for draft in posted.drafts)
        self.steps.append(Step(group, call.completion.id, event.id, "post", text, posted.change))

    def went_into(self, group: str, call: Call, other: Call) -> None:
        """Record that a completion went into the prompt of another service."""
        text = call.completion.text or ""
        self.steps.append(
            Step(group, call.completion.id, other.prompt.id, "prompt", text, "verbatim")
        )

    def finished(self) -> CaseWorld:
        """Return the world; events in order of time."""
        ordered = sorted(self.events, key=lambda e: (e.time, e.action == "completion", e.id))
        return CaseWorld(
            self.name, self.size, self.seed, self.parameters, tuple(ordered),
            tuple(sorted(self.accounts, key=lambda a: a.account)), tuple(self.steps),
            self.documents,
        )  # fmt: skip


def after(rng: Random, time: datetime, median_seconds: float) -> datetime:
    """Return a later time, by a log-normal delay of that median."""
    wait = rng.lognormvariate(math.log(median_seconds), 0.8)
    return time + timedelta(seconds=max(1, int(wait)))


def listed(rng: Random, texts: Sequence[str]) -> str:
    """Return drafts as a model lists them, in one of its manners."""
    if len(texts) == 1:
        return texts[0]
    numbered = list(enumerate(texts, 1))
    match rng.randrange(6):
        case 0:
            return "\n".join(f"{n}. {t}" for n, t in numbered)
        case 1:
            return "\n\n".join(f"{n}) {t}" for n, t in numbered)
        case 2:
            return "\n".join(f"- {t}" for t in texts)
        case 3:
            return "\n\n".join(f"**Version {n}:** {t}" for n, t in numbered)
        case 4:
            return "\n".join(f'{n}. "{t}"' for n, t in numbered)
        case _:
            return "\n\n".join(texts)
