"""The kinds of trace that crossfix knows."""

from __future__ import annotations

from crossfix.traces.analytics import Analytics
from crossfix.traces.domain import Domain
from crossfix.traces.hashtag import Hashtag
from crossfix.traces.hashtag_set import HashtagSet
from crossfix.traces.infrastructure import (
    Asn,
    Certificate,
    Credential,
    Device,
    EmailDomain,
    IpBlock,
    Payment,
    Tls,
)
from crossfix.traces.later import ChainTrace, MeaningTrace, OriginTrace, PersonaTrace
from crossfix.traces.media import Media
from crossfix.traces.mention import Mention
from crossfix.traces.near_text import NearText
from crossfix.traces.profile import ProfileAvatar, ProfileBio, ProfileBirth
from crossfix.traces.prompt_frame import PromptFrame
from crossfix.traces.reply import Reply
from crossfix.traces.repost import Repost
from crossfix.traces.rhythm import Rhythm
from crossfix.traces.template import MailTemplate, PromptTemplate
from crossfix.traces.text import Text
from crossfix.traces.trace import Clusterer, Extractor, Later
from crossfix.traces.url import Url

EXTRACTORS: dict[str, type[Extractor]] = {
    extractor.kind: extractor
    for extractor in (
        Repost,
        Text,
        Url,
        Domain,
        Hashtag,
        HashtagSet,
        Mention,
        Reply,
        Media,
        IpBlock,
        Asn,
        Device,
        Tls,
        Payment,
        EmailDomain,
        Analytics,
        Certificate,
        Credential,
        ProfileBirth,
        ProfileBio,
        ProfileAvatar,
        MailTemplate,
        PromptTemplate,
    )
}
"""Kind -> its extractor."""

CLUSTERERS: dict[str, type[Clusterer]] = {c.kind: c for c in (NearText, Rhythm, PromptFrame)}
"""Kind -> its clusterer."""

LATER: dict[str, type[Later]] = {
    later.kind: later for later in (OriginTrace, PersonaTrace, ChainTrace, MeaningTrace)
}
"""Kind -> what it is called; found in a second look."""


def default_extractors() -> list[Extractor]:
    """Return one extractor of each kind."""
    return [extractor() for extractor in EXTRACTORS.values()]


def default_clusterers() -> list[Clusterer]:
    """Return one fresh clusterer of each kind."""
    return [clusterer() for clusterer in CLUSTERERS.values()]
