"""One round's world: ordinary life, fans, a newsroom and the crews, as files for a detector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from crossfix.redteam.arena import Field
from crossfix.redteam.assets import address, crew_infrastructure, device, people_infrastructure
from crossfix.redteam.disguise import disguised
from crossfix.redteam.evasion import EVASIONS, NAIVE, Evasion, Playbook
from crossfix.redteam.orders import orders, reach
from crossfix.redteam.plant import Crew, plant
from crossfix.scenarios.benign import Fans, Newsroom, add_fans, add_newsrooms
from crossfix.scenarios.people import People, live
from crossfix.scenarios.world import SERVICES, World
from crossfix.scenarios.writing import Rendering

View = Literal["public", "platform"]
"""What the detector's files show: posts as anybody sees them, or as the platform does, with
addresses and devices."""

LEAST_POSTS = 6_000


@dataclass(frozen=True)
class Stage:
    """A finished world and its crews, in the order of their playbooks."""

    world: World
    crews: tuple[Crew, ...]
    infrastructure: tuple[NDArray[np.int64], NDArray[np.int64]]

    def names(self, rows: NDArray[np.int64]) -> frozenset[str]:
        """Return accounts (rows of the world) as ``service:handle``."""
        service = self.world.accounts["service"]
        return frozenset(f"{SERVICES[service[i]]}:{self.world.names.handle[i]}" for i in rows)

    @property
    def people(self) -> frozenset[str]:
        """Accounts that act as one with nobody: neither an operation's, nor fans, nor pages."""
        return self.names(np.flatnonzero(np.array(self.world.names.role) == "person"))


@dataclass(frozen=True)
class SocialArena:
    """Posts of social services, seen as ``view`` says; ``memory`` keeps a crew's stock."""

    view: View
    posts: int
    memory: bool = False

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return f"{self.view}, remembering" if self.memory else self.view

    @property
    def evasions(self) -> Mapping[str, Evasion]:
        """The evasions by name."""
        return EVASIONS

    @property
    def naive(self) -> Playbook:
        """The playbook that evades nothing."""
        return NAIVE

    def reach(self, playbook: Playbook) -> float:
        """Return what an operation reaches if nobody is found."""
        return reach(playbook)

    def fields(
        self, playbooks: Sequence[Playbook], seed: int, number: int, folder: Path
    ) -> Iterator[Field]:
        """Yield one world with all of them."""
        stage = build_stage(playbooks, self.posts, seed, round=number, memory=self.memory)
        files = tuple(write_stage(stage, folder, self.view))
        crews = tuple(stage.names(crew.accounts) for crew in stage.crews)
        yield Field(files, tuple(playbooks), crews, stage.people)


def build_stage(
    playbooks: Sequence[Playbook], posts: int, seed: int, *, round: int = 0, memory: bool = False
) -> Stage:
    """Make a world of ``posts`` posts in which each playbook is one operation.

    The same arguments give the same world. With ``memory`` the crews' stock is that of all rounds
    with memory, else each round has its own.

    Raises:
        InputError: so many posts are too few for these operations.
    """
    world = World("redteam", posts, seed)
    rounds = round if memory else 0
    crews = tuple(
        plant(world, orders(playbook), crew=number, round=rounds)
        for number, playbook in enumerate(playbooks)
    )
    add_fans(world, Fans(communities=1, accounts=20, organic_posts=8))
    add_newsrooms(world, Newsroom(families=1, stories=15, own_posts=6))
    live(world, People())
    block, device_of = people_infrastructure(world.rng, len(world.accounts))
    for crew in crews:
        block[crew.accounts], device_of[crew.accounts] = crew_infrastructure(
            world.rng, crew.number, rounds, crew.orders.accounts,
            crew.orders.own_infrastructure, crew.orders.renewed,
        )  # fmt: skip
    return Stage(world, crews, (block, device_of))


def write_stage(stage: Stage, out: Path, view: View) -> list[Path]:
    """Write the posts, and nothing of the truth; return the paths that a detector is given."""
    out.mkdir(parents=True, exist_ok=True)
    world = stage.world
    order = np.argsort(world.posts["time"], kind="stable")
    crew_of = np.full(len(order), -1)
    for crew in stage.crews:
        crew_of[crew.posts] = crew.number
    rows = [order[crew_of[order] == -1]]
    tables = [Rendering(world).table(rows[0])]
    usual = world.paraphrase
    for crew in stage.crews:
        chosen = order[crew_of[order] == crew.number]
        world.paraphrase = crew.paraphrase
        table = Rendering(world).table(chosen)
        rows.append(chosen)
        tables.append(disguised(table, crew.orders.homoglyphs, world.seed))
    world.paraphrase = usual
    table = pa.concat_tables(tables)
    at = np.concatenate(rows)
    if view == "platform":
        table = _with_infrastructure(table, stage, world.posts["account"][at])
    path = out / "posts.parquet"
    pq.write_table(table.take(np.argsort(world.posts["time"][at], kind="stable")), path)
    return [path]


def _with_infrastructure(table: pa.Table, stage: Stage, account: NDArray[np.int64]) -> pa.Table:
    block, device_of = stage.infrastructure
    everyone = range(len(block))
    addresses = pa.array([address(int(block[i]), i) for i in everyone])
    devices = pa.array([device(int(device_of[i])) for i in everyone])
    at = pa.array(account)
    return table.append_column("ip", addresses.take(at)).append_column("device", devices.take(at))
