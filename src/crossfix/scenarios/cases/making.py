"""What a case is made with: accounts, calls of models, posts, and a record of what is true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Unpack

import xxhash

from crossfix.events import Event
from crossfix.events.event import Action, Surface, event_id
from crossfix.events.readers.service_events import Rest
from crossfix.scenarios.cases.case_world import CaseAccount, CaseWorld, Role, Step
from crossfix.scenarios.cases.evade import Posted
from crossfix.scenarios.cases.grammar import invented
from crossfix.scenarios.cases.parameters import Parameters
from crossfix.scenarios.naming import token
from crossfix.scenarios.world import START as FIRST

START = datetime.fromtimestamp(FIRST / 1e6, UTC)
DAYS = 14
AI_SERVICES = ("atlas", "meridian")
"""The two AI services of every world; the first writes chat logs, the second LiteLLM's."""
MODELS = {"atlas": "atlas-chat-2", "meridian": "meridian-large"}
SOCIAL = ("x", "mastodon", "bluesky")
HOSTS = ("harbour.example", "meadow.example", "granite.example")
"""The Mastodon servers of every world."""

_SURFACES: dict[str, Surface] = {
    "atlas": "ai", "meridian": "ai", "email": "email", "web": "web", "abuse": "other",
}  # fmt: skip
_LANGUAGE_SHARES = (0.46, 0.2, 0.2, 0.14)
_HANDLES = ("{a}_{b}", "{a}{b}", "{a}{n}", "{a}.{b}", "the{a}{b}", "{a}_{n}", "{b}{a}{n}")
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
        self._taken: set[tuple[str, str]] = set()
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
        return name

    def _native(self, rng: Random, service: str) -> str:
        while True:
            handle = rng.choice(_HANDLES).format(
                a=invented(rng), b=invented(rng, 1), n=rng.randint(1, 9999)
            )
            match service:
                case "mastodon":
                    handle = f"{handle.replace('.', '_')}@{rng.choice(HOSTS)}"
                case "bluesky":
                    handle = f"did:plc:{rng.getrandbits(60):012x}"
                case "youtube":
                    handle = f"UC{rng.getrandbits(60):015x}"
                case "telegram":
                    handle = f"user{rng.randint(10**8, 10**10)}"
                case "email":
                    handle = f"{handle}@{invented(rng)}.example"
                case "atlas" | "meridian":
                    handle = f"user-{rng.getrandbits(48):012x}"
            if (service, handle) not in self._taken:
                self._taken.add((service, handle))
                return handle

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
        service = account.partition(":")[0]
        if service == "web":
            service = account.rpartition(":")[0]
        self._number += 1
        native = native or self._id(service, account, time)
        rest["attributes"] = {**rest.get("attributes", {}), "native": native}
        event = Event(
            id=event_id(service, native), time=time, received=time, service=service,
            surface=_SURFACES.get(service.partition(":")[0], "social"), account=account,
            action=action, **rest,
        )  # fmt: skip
        self.events.append(event)
        return event

    def _id(self, service: str, account: str, time: datetime) -> str:
        number = xxhash.xxh3_64_intdigest(f"{self.seed}:{self.name}:{self._number}".encode())
        own = account.partition(":")[2]
        match service:
            case "mastodon":
                handle, _, host = own.partition("@")
                return f"https://{host}/users/{handle}/statuses/{number % 10**15}"
            case "bluesky":
                return f"at://{own}/app.bsky.feed.post/3{number:016x}"
            case "x":
                milliseconds = int(time.timestamp() * 1000) - 1_288_834_974_657
                return str((milliseconds << 22) + number % (1 << 22))
            case "telegram":
                return f"{TELEGRAM_CHAT}/{self._number}"
            case _:
                return f"{number:016x}"

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
        )  # fmt: skip


TELEGRAM_CHAT = "4711"


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
