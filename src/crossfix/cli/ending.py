"""How a command ends that did not end well: one sentence for people, one code for programs."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import click

from crossfix.cli.printable import printable
from crossfix.errors import CrossfixError

INTERRUPTED = 130


def ended(error: BaseException) -> int:
    """Say on standard error what went wrong, and return the exit code that belongs to it.

    1 failed, 2 your input, 3 something outside, 130 interrupted. A defect is said in one line with
    its place; Python's development mode (``PYTHONDEVMODE=1``) shows all of it.
    """
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.exceptions.Abort | KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        _forget_the_signal()
        return INTERRUPTED
    if isinstance(error, CrossfixError):
        return _say(str(error), error.exit_code)
    if isinstance(error, OSError):
        return _outside(error)
    if isinstance(error, MemoryError):
        return _say("there is not enough memory for this input", 3)
    return _defect(error)


def _forget_the_signal() -> None:
    """Have Python end with the exit code that it is given.

    Where an interrupt broke off Python code that compiled code was running (an import inside of a
    library's), CPython remembers it as unhandled and at its end kills itself with the signal. It
    forgets that when the next such code is run.
    """
    with suppress(ImportError, AttributeError, OSError):
        import ctypes

        ctypes.pythonapi.PyRun_SimpleString(b"pass")


def _say(sentence: str, code: int) -> int:
    click.echo(printable(f"Error: {sentence}"), err=True)
    return code


def _outside(error: OSError) -> int:
    if error.errno == errno.EPIPE:
        # Who read our output has left. What is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    where = f"{error.filename}: " if error.filename is not None else ""
    return _say(f"{where}{error.strerror or error}", 3)


def _defect(error: BaseException) -> int:
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return _say(
        f"a defect of crossfix: {type(error).__name__} at {place}: {error}\n"
        "Please report it with the smallest input that shows it; PYTHONDEVMODE=1 shows more.",
        1,
    )
