"""One spelling for all addresses of one page. Nothing is ever fetched."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

LONGEST = 2_048
"""Characters of a URL that are looked at: longer ones are no key."""

_TRACKING_NAMES = (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid li_fat_id igshid igsh igsh_id "
    "yclid ymclid mc_cid mc_eid mkt_tok ref_src ref_url s_kwcid oly_anon_id oly_enc_id vero_id "
    "wickedid _hsenc _hsmi __hssc __hstc __hsfp hsctatracking spm scm share_id sharesource "
    "share_source ncid ocid cmpid cmp icid cn-reloaded guccounter guce_referrer guce_referrer_sig "
    "fb_action_ids fb_action_types fb_source fb_ref action_object_map action_type_map "
    "action_ref_map __twitter_impression __tn__ _ga _gl at_medium at_campaign ns_mchannel "
    "ns_source ns_campaign ns_linkname ns_fee soc_src soc_trk smid smtyp sr_share wtmc wt_mc "
    "xtor"
)
_TRACKING = frozenset(_TRACKING_NAMES.split())
_TRACKING_STARTS = ("utm_", "pk_", "piwik_", "mtm_", "hsa_", "at_custom", "trk_", "stm_")
_ONLY_ON_VIDEO_HOSTS = frozenset({"feature", "si", "pp", "app", "ab_channel"})
_ONLY_ON_X = frozenset({"s", "t"})

_ABSOLUTE = re.compile(r"(?:(https?):)?//", re.IGNORECASE)
_PLAIN = re.compile(r"https?://([a-z0-9][a-z0-9.\-]*\.[a-z]{2,24})((?:/[A-Za-z0-9_.~\-]+)*)/?")
_HOST = re.compile(r"[^\x00-\x20\x7f\s/?#\\@:\[\]%<>\"'`{}|^]+")
_MOBILE = ("www.", "m.", "mobile.", "amp.", "touch.")
_SAFE = "!$&'()*+,;=:@/-._~"
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_\-]{11}")
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")


def canonical_url(url: str) -> str | None:
    """Return the one spelling of a web address, without its scheme, or None if it is none.

    Host lower case, in ASCII (IDNA), without ``www.`` and mobile or AMP prefixes; default port,
    user information, fragment (but ``#!``), tracking parameters and a closing slash dropped;
    parameters sorted; percent-encoding as RFC 3986 normalises it.
    """
    if len(url) > LONGEST:
        return None
    plain = _PLAIN.fullmatch(url)
    if plain and "/." not in plain[2] and "amp" not in plain[2]:
        host, path = _host(plain[1]), plain[2]
        return None if host is None else _video(host, path, {}) or host + path
    return _careful(url.strip().replace("\\", "/"))


def _careful(url: str) -> str | None:
    """Take a URL apart that is not of the common, plain form."""
    scheme = _ABSOLUTE.match(url)
    if scheme:
        url = url[scheme.end() :]
    elif not re.match(r"[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+(?:[/?#:]|$)", url):
        return None
    url, _, fragment = url.partition("#")
    address, _, query = url.partition("?")
    authority, _, path = address.partition("/")
    host = _authority(authority)
    if host is None:
        return None
    parameters = _parameters(host, query)
    path = _path(path)
    video = _video(host, path, dict(p.partition("=")[::2] for p in parameters))
    if video:
        return video
    answer = host + path
    if parameters:
        answer += "?" + "&".join(parameters)
    if fragment.startswith("!"):
        answer += "#!" + _encoded(fragment[1:])
    return answer if len(answer) <= 3 * LONGEST else None


def _authority(authority: str) -> str | None:
    """Return the host with its port, if that is not the default one."""
    place = authority.rpartition("@")[2]
    host, _, port = place.partition(":")
    if place.startswith("["):
        host, closed, rest = place.partition("]")
        port = rest.lstrip(":")
        if not closed or not re.fullmatch(r"\[[0-9A-Fa-f:.]{2,45}", host):
            return None
        answer: str | None = host.lower() + "]"
    else:
        answer = _host(host)
    if answer is None or (port and not port.isascii()) or (port and not port.isdigit()):
        return None
    number = port.lstrip("0")
    return answer if number in ("", "80", "443") else f"{answer}:{number}"


@lru_cache(maxsize=65_536)
def _host(host: str) -> str | None:
    """Return a host in ASCII and lower case, or None if it is none."""
    if "%" in host:
        try:
            host = unquote_to_bytes(host).decode()
        except UnicodeDecodeError:
            return None
    if not host.isascii():
        try:
            host = host.replace("。", ".").encode("idna").decode()
        except UnicodeError:
            return None
    host = host.lower().strip(".")
    if not host or len(host) > 253 or not _HOST.fullmatch(host) or ".." in host:
        return None
    changed = True
    while changed:
        changed = False
        for prefix in _MOBILE:
            if host.startswith(prefix) and host.count(".") >= 2:
                host, changed = host[len(prefix) :], True
    return "x.com" if host == "twitter.com" else host


def _encoded(part: str) -> str:
    """Percent-encode what must be, decode what need not be, so that each has one spelling."""
    part = _BROKEN.sub("%25", part)
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", part)
    answer = []
    for piece in pieces:
        if len(piece) == 3 and piece[0] == "%":
            char = chr(int(piece[1:], 16))
            plain = char.isascii() and (char.isalnum() or char in "-._~")
            answer.append(char if plain else piece.upper())
        else:
            answer.append(quote(piece, safe=_SAFE, errors="replace"))
    return "".join(answer)


def _path(path: str) -> str:
    """Return a path with its dot segments resolved, without AMP markers and closing slashes."""
    kept: list[str] = []
    for segment in _encoded(path).split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", ".", "amp"):
            kept.append(segment)
    if kept and kept[-1].endswith(".amp"):
        kept[-1] = kept[-1][: -len(".amp")] or "amp."
    return "".join(f"/{segment}" for segment in kept)


def _parameters(host: str, query: str) -> list[str]:
    """Return the parameters that say which page it is, sorted."""
    kept = set()
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        name = _encoded(name.replace("+", "%20"))
        if name and not _is_tracking(host, name.lower()):
            kept.add(name + equals + _encoded(value.replace("+", "%20")))
    return sorted(kept)


def _is_tracking(host: str, name: str) -> bool:
    """Tell whether a parameter says who shared a page rather than which page it is."""
    if name in _ONLY_ON_VIDEO_HOSTS:
        return host in ("youtube.com", "youtu.be", "music.youtube.com", "open.spotify.com")
    if name in _ONLY_ON_X:
        return host == "x.com"
    return name in _TRACKING or name.startswith(_TRACKING_STARTS) or name == "amp"


def _video(host: str, path: str, parameters: dict[str, str]) -> str | None:
    """Return the one address of a YouTube video, whatever page it is shown on."""
    if host == "youtu.be":
        name = path[1:]
    elif host in ("youtube.com", "youtube-nocookie.com", "music.youtube.com"):
        if path == "/watch":
            name = parameters.get("v", "")
        else:
            name = re.sub(r"^/(?:shorts|embed|live|v)/", "", path)
    else:
        return None
    return f"youtube.com/watch?v={name}" if _YOUTUBE_ID.fullmatch(name) else None
