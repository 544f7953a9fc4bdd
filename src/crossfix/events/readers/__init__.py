"""Readers: one file a format, each turning real files into events and saying what it refused."""

from crossfix.events.readers.read import Reading, read_files
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.registry import choose, readers
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

__all__ = [
    "ReadOptions",
    "Reader",
    "Reading",
    "Source",
    "Tally",
    "choose",
    "read_files",
    "readers",
]
