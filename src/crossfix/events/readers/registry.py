"""Which readers there are, and which of them reads a file."""

from __future__ import annotations

from functools import cache

from crossfix.errors import FormatError
from crossfix.events.readers.reader import Reader
from crossfix.events.readers.source import Source

SURE = 0.3
"""A file that no reader recognises at least so surely needs ``--format``."""


@cache
def readers() -> dict[str, Reader]:
    """Return every built-in reader by its name; they are imported when first asked for."""
    known: list[type[Reader]] = [*_tabular(), *_structured()]
    return {kind.name: kind() for kind in known}


def _tabular() -> list[type[Reader]]:
    from crossfix.events.readers import posts
    from crossfix.events.readers.coortweet import CooRTweet
    from crossfix.events.readers.fourcat import FourCat
    from crossfix.events.readers.meta_library import MetaLibrary
    from crossfix.events.readers.reddit import Reddit
    from crossfix.events.readers.tiktok import TikTok
    from crossfix.events.readers.trace_table import TraceTable
    from crossfix.events.readers.youtube import YouTube
    from crossfix.events.readers.zeeschuimer import Zeeschuimer

    return [
        posts.CsvPosts,
        posts.JsonPosts,
        posts.ParquetPosts,
        posts.SheetPosts,
        CooRTweet,
        FourCat,
        MetaLibrary,
        Reddit,
        TikTok,
        TraceTable,
        YouTube,
        Zeeschuimer,
    ]


def _structured() -> list[type[Reader]]:
    from crossfix.events.readers.access_log import AccessLog
    from crossfix.events.readers.activitystreams import ActivityStreams
    from crossfix.events.readers.bluesky import Bluesky
    from crossfix.events.readers.chat_export import ChatExport
    from crossfix.events.readers.chat_log import ChatLog
    from crossfix.events.readers.cloud_event import CloudEvents
    from crossfix.events.readers.event_json import EventJson
    from crossfix.events.readers.litellm import LiteLlm
    from crossfix.events.readers.mail import Mail
    from crossfix.events.readers.otel import Otel
    from crossfix.events.readers.telegram import Telegram
    from crossfix.events.readers.warc import Warc
    from crossfix.events.readers.web_html import WebHtml
    from crossfix.events.readers.x_api import XApi
    from crossfix.events.readers.x_archive import XArchive

    return [
        AccessLog, ActivityStreams, Bluesky, ChatExport, ChatLog, CloudEvents, EventJson, LiteLlm,
        Mail, Otel, Telegram, Warc, WebHtml, XApi, XArchive,
    ]  # fmt: skip


def choose(source: Source, format: str | None = None) -> Reader:
    """Return the reader of a source: the one asked for, else the one that is surest.

    Raises:
        FormatError: there is no such format, or nothing recognises the file.
    """
    known = readers()
    listing = f"formats: {', '.join(sorted(known))}"
    if format is not None:
        if format not in known:
            raise FormatError(f"there is no format {format!r}", hint=listing)
        return known[format]
    sure, name = max((reader.recognises(source), name) for name, reader in known.items())
    if sure < SURE:
        raise FormatError(
            "no reader recognises this file", path=source.path, hint=f"Name it: --format; {listing}"
        )
    return known[name]
