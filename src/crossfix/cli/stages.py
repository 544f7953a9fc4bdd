"""Progress of long work on standard error: a bar while reading, then the name of each stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stages() -> Iterator[tuple[Callable[[str], None], Callable[[int, int], None]]]:
    """Give two functions: one is told each stage as it begins, one the bytes read and in all.

    On a terminal both show in one live line; elsewhere nothing is printed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task = p.add_task("starting", total=None)

        def say(stage: str) -> None:
            p.reset(task, description=stage, total=None)

        yield say, lambda done, total: p.update(task, completed=done, total=total or None)
