"""How much a web address looks like a lure, from the address alone, with the reasons.

Nothing is fetched. Each reason adds weight; none of them proves anything by itself, for honest
sites are on free hosts too. The weights were set by hand on feeds of 2022 to 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from ipaddress import ip_address
from math import exp

import msgspec

from crossfix.content.plain import plain
from crossfix.traces.canonical_url import canonical_url
from crossfix.traces.domain import registrable_domain

BIAS = 3.0
THRESHOLD = 0.5
MOST_ADDRESSES = 20
"""Addresses of one text that are looked at."""

REASONS: dict[str, tuple[float, str]] = {
    "ip_host": (3.2, "the host is a number"),
    "lookalike_brand": (3.6, "the host is spelled almost like a known brand"),
    "brand_elsewhere": (2.6, "a known brand is in the host, which is not the brand's"),
    "brand_in_path": (1.2, "a known brand is in the path, and the host is not the brand's"),
    "mixed_scripts": (3.2, "a label of the host mixes scripts"),
    "punycode": (1.0, "the host is not in ASCII"),
    "user_part": (3.2, "what looks like a host before @ is none"),
    "free_host": (1.8, "the host is one that anybody gets for nothing"),
    "cheap_ending": (2.0, "the top level is one that lures prefer"),
    "many_subdomains": (1.0, "the host has many parts"),
    "long_host": (0.8, "the host is long"),
    "hyphens": (0.9, "the host has several hyphens"),
    "drawn_label": (1.0, "a label of the host looks drawn by lot"),
    "lure_words": (1.3, "the address speaks of accounts, logging in or payments"),
    "more_lure_words": (1.2, "it does so several times"),
    "odd_port": (1.2, "the port is an unusual one"),
    "broken_in": (2.0, "the page is in a folder of a publishing system that holds no pages"),
    "shortened": (0.6, "the address is shortened"),
}
"""Reason -> its weight, and what it says."""

_BRANDS = (
    "paypal:paypal.com,paypal.me "
    "amazon:amazon.com,amazonaws.com,amazon.de,amazon.co.uk,amazon.co.jp,amazon.fr,amazon.es,"
    "amazon.it,amazon.in,amazon.ca,media-amazon.com "
    "microsoft:microsoft.com,microsoftonline.com,azure.com office365:office365.com,office.com "
    "outlook:outlook.com,live.com,office.com onedrive:onedrive.com,live.com "
    "sharepoint:sharepoint.com apple:apple.com icloud:icloud.com,apple.com "
    "google:google.com,googleapis.com,google.de,google.co.uk,googleblog.com,googleusercontent.com "
    "gmail:gmail.com,google.com facebook:facebook.com,fb.com instagram:instagram.com "
    "whatsapp:whatsapp.com,whatsapp.net telegram:telegram.org,t.me netflix:netflix.com "
    "spotify:spotify.com linkedin:linkedin.com,licdn.com twitter:x.com,twitter.com "
    "tiktok:tiktok.com roblox:roblox.com steamcommunity:steamcommunity.com,steampowered.com "
    "discord:discord.com,discord.gg,discordapp.com dropbox:dropbox.com,dropboxusercontent.com "
    "docusign:docusign.com,docusign.net adobe:adobe.com coinbase:coinbase.com binance:binance.com "
    "metamask:metamask.io trezor:trezor.io ledger:ledger.com kraken:kraken.com "
    "gemini:gemini.com,google.com opensea:opensea.io uniswap:uniswap.org "
    "trustwallet:trustwallet.com chase:chase.com wellsfargo:wellsfargo.com "
    "bankofamerica:bankofamerica.com citibank:citi.com,citibank.com hsbc:hsbc.com,hsbc.co.uk "
    "barclays:barclays.co.uk,barclays.com santander:santander.com,santander.co.uk "
    "lloyds:lloydsbank.com natwest:natwest.com bbva:bbva.com caixabank:caixabank.es ing:ing.com "
    "commerzbank:commerzbank.de sparkasse:sparkasse.de postbank:postbank.de "
    "credit-agricole:credit-agricole.fr bnpparibas:bnpparibas.com,bnpparibas "
    "paribas:bnpparibas.com intesasanpaolo:intesasanpaolo.com itau:itau.com.br "
    "bradesco:bradesco.com.br americanexpress:americanexpress.com mastercard:mastercard.com "
    "usps:usps.com fedex:fedex.com dhl:dhl.com,dhl.de laposte:laposte.fr,laposte.net "
    "correos:correos.es royalmail:royalmail.com evri:evri.com swisspost:post.ch "
    "swisscom:swisscom.ch,swisscom.com rakuten:rakuten.co.jp,rakuten.com "
    "smbc:smbc.co.jp,smbc-card.com mercari:mercari.com aeon:aeon.co.jp,aeon.info jcb:jcb.co.jp "
    "saison:saisoncard.co.jp epos:eposcard.co.jp docomo:docomo.ne.jp au-pay:au.com "
    "eki-net:eki-net.com etc-meisai:etc-meisai.jp yahoo:yahoo.com,yahoo.co.jp aol:aol.com "
    "comcast:comcast.net,xfinity.com xfinity:xfinity.com att:att.com verizon:verizon.com "
    "vodafone:vodafone.com,vodafone.de tmobile:t-mobile.com ebay:ebay.com,ebay.de,ebay.co.uk "
    "allegro:allegro.pl olx:olx.pl,olx.com airbnb:airbnb.com booking:booking.com "
    "walmart:walmart.com alibaba:alibaba.com mercadolibre:mercadolibre.com gov-uk:gov.uk "
    "irs:irs.gov ameli:ameli.fr impots:impots.gouv.fr"
)
_FREE_HOSTS = (
    "r2.dev pages.dev workers.dev web.app firebaseapp.com github.io gitlab.io vercel.app "
    "netlify.app weebly.com weeblysite.com wixsite.com wixstudio.com blogspot.com webflow.io "
    "godaddysites.com azurewebsites.net duckdns.org ngrok.io ngrok-free.app glitch.me "
    "000webhostapp.com square.site framer.app framer.website replit.app repl.co surge.sh "
    "typedream.app myshopify.com webcindario.com gitbook.io onrender.com herokuapp.com fly.dev "
    "teachable.com mystrikingly.com strikingly.com jimdosite.com jimdofree.com yolasite.com "
    "ukit.me site123.me zyrosite.com carrd.co notion.site canva.site lovable.app bubbleapps.io "
    "softr.app cloudfront.net backblazeb2.com digitaloceanspaces.com ondigitalocean.app "
    "windows.net ipfs.io dweb.link cfolks.pl wapka.site byethost7.com rf.gd epizy.com "
    "infinityfreeapp.com fleek.co trycloudflare.com sites.google.com docs.google.com forms.gle "
    "storage.googleapis.com translate.goog edgeone.app builderallwppro.com contaboserver.net "
    "hostingersite.com mybluehost.me plesk.page cprapid.com temporary.site wasmer.app"
)
_FREE = frozenset(_FREE_HOSTS.split())
_CHEAP_ENDINGS = (
    "top xyz icu cyou quest vip click buzz shop live online site cfd sbs rest tk ml ga cf gq lol "
    "monster bond help support fun space website store link work bar autos boats hair skin beauty "
    "makeup mom pics beer yachts motorcycles homes cc asia cam digital finance cloud world life "
    "today ink wiki press services center company business fit surf lat qpon cn su pw ws"
)
_CHEAP = frozenset(_CHEAP_ENDINGS.split())
_SHORTENERS = (
    "bit.ly tinyurl.com is.gd v.gd cutt.ly t.ly rb.gy shorturl.at rebrand.ly tiny.cc s.id x.gd "
    "goo.su urlz.fr u.to t.co ow.ly qr.ai qrco.de l.ead.me linktr.ee"
)
_SHORT = frozenset(_SHORTENERS.split())
_LURES = re.compile(
    r"log-?in|logon|sign-?in|verif|account|secur|update|wallet|banking|passw|confirm|unlock|recover|"
    r"suspen|billing|invoice|payment|airdrop|claim|webmail|auth|token|support|service|help|bonus|"
    r"refund|deliver|parcel|tracking|customer|client|member|connexion|acceso|seguro|konto|cuenta"
)
_BROKEN_IN = re.compile(r"/(?:wp-(?:content|includes|admin)|\.well-known|components|cgi-bin)/")
_URL = re.compile(r"(?:https?|hxxps?)://[^\s<>\"'`|\\^{}\[\]]{3,2000}", re.IGNORECASE)
_DIGIT_LETTERS = str.maketrans("013457$", "oleasts")
_CLOSING = ".,;:!?)'\"*"


class UrlScore(msgspec.Struct, frozen=True):
    """How much an address looks like a lure, from 0 to 1, and why, weightiest first."""

    score: float
    reasons: tuple[str, ...]


@lru_cache(maxsize=4_096)
def score_url(url: str) -> UrlScore:
    """Return how much an address looks like a lure; what is no web address scores 0."""
    spelled = canonical_url(url)
    if not spelled:
        return UrlScore(0.0, ())
    found = sorted(set(_reasons(url, spelled)), key=lambda name: (-REASONS[name][0], name))
    weight = sum(REASONS[name][0] for name in found)
    return UrlScore(1 / (1 + exp(BIAS - weight)), tuple(found))


def urls_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the web addresses of a text and where they stand."""
    if "://" not in text:
        return
    for number, found in enumerate(_URL.finditer(text)):
        if number == MOST_ADDRESSES:
            return
        url = found[0].rstrip(_CLOSING)
        yield (
            re.sub("^hxxp", "http", url, flags=re.IGNORECASE),
            found.start(),
            found.start() + len(url),
        )


def _reasons(url: str, spelled: str) -> Iterator[str]:
    """Yield the reasons that speak against an address."""
    place, _, path = re.sub(r"[?#]", "/", spelled, count=1).partition("/")
    host, _, port = place.partition(":")
    authority = re.sub(r"^\w+://", "", url).partition("/")[0]
    if "@" in authority:
        yield "user_part"
    if port:
        yield "odd_port"
    if _is_number(place):
        yield "ip_host"
        return
    domain = registrable_domain(host) or host
    yield from _of_host(host, domain)
    yield from _of_brand(host, domain, path.lower())
    said = len({found[:5] for found in _LURES.findall(f"{host}/{path.lower()}")})
    if said:
        yield "lure_words"
    if said > 1:
        yield "more_lure_words"
    if _BROKEN_IN.search("/" + path):
        yield "broken_in"


def _is_number(place: str) -> bool:
    try:
        ip_address(place.strip("[]").partition(":")[0] if place[:1] != "[" else place.strip("[]"))
    except ValueError:
        return False
    return True


def _of_host(host: str, domain: str) -> Iterator[str]:
    labels = host.split(".")
    if any(host == free or host.endswith("." + free) for free in _suffixes(labels)):
        yield "free_host"
    if domain in _SHORT or host in _SHORT:
        yield "shortened"
    if labels[-1] in _CHEAP:
        yield "cheap_ending"
    if host.count(".") - domain.count(".") >= 3:
        yield "many_subdomains"
    if len(host) > 35:
        yield "long_host"
    if host.count("-") - host.count("xn--") * 2 >= 2:
        yield "hyphens"
    if any(_drawn(label) for label in labels[:-1]):
        yield "drawn_label"
    if "xn--" in host:
        yield "punycode"
        if any(_mixed(label) for label in labels):
            yield "mixed_scripts"


def _suffixes(labels: list[str]) -> Iterator[str]:
    """Yield the free hosts that a host may be one of."""
    for size in (2, 3):
        suffix = ".".join(labels[-size:])
        if suffix in _FREE:
            yield suffix


def _drawn(label: str) -> bool:
    """Tell whether a label has no vowels where words have some, or mixes digits in."""
    if label.startswith("xn--"):
        return False
    letters = re.sub(r"[^a-z]", "", label)
    if re.search(r"[bcdfghjklmnpqrstvwxz]{5}", letters):
        return True
    return len(re.findall(r"[a-z]\d|\d[a-z]", label)) >= 3


def _mixed(label: str) -> bool:
    """Tell whether letters of several scripts stand in one label."""
    from unicodedata import name

    try:
        shown = label.encode().decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return True
    scripts = {name(char, "?").split()[0] for char in shown if char.isalpha()}
    return len(scripts) > 1 and not scripts <= {"CJK", "HIRAGANA", "KATAKANA", "LATIN"}


@cache
def _brands() -> dict[str, frozenset[str]]:
    return {
        name: frozenset(own.split(","))
        for name, _, own in (part.partition(":") for part in _BRANDS.split())
    }


@cache
def _owners() -> frozenset[str]:
    return frozenset(domain for own in _brands().values() for domain in own)


def well_known(domain: str) -> bool:
    """Tell whether a domain is a large brand's or platform's own, or a shortener's.

    Who links to one says nothing of who he is.
    """
    return domain in _owners() or domain in _SHORT or domain in _FREE


def _of_brand(host: str, domain: str, path: str) -> Iterator[str]:
    """Yield what is said of a brand in the address of somebody else."""
    if domain in _owners() or host in _owners():
        return
    first, _, ending = domain.partition(".")
    if first in _brands() and ending.rpartition(".")[2] not in _CHEAP:
        return  # a brand's name below another country's ending is mostly its own
    shown = host
    if "xn--" in host:
        try:
            shown = plain(host.encode().decode("idna"))
        except UnicodeError:
            shown = host
    # The ending is no name: ing.com is found, but not "shopping".
    words = {word for word in re.split(r"[.-]", shown.rpartition(".")[0]) if word}
    parts = words | {word.translate(_DIGIT_LETTERS) for word in words}
    joined = shown.rpartition(".")[0].replace("-", "").translate(_DIGIT_LETTERS)
    for brand in _brands():
        plainly = brand.replace("-", "")
        if brand in words or brand in shown or (len(plainly) >= 6 and plainly in joined):
            if brand in words or len(brand) >= 5:
                plain_name = shown.rpartition(".")[0].replace("-", "")
                yield "brand_elsewhere" if plainly in plain_name else "lookalike_brand"
        elif len(plainly) >= 5 and any(_near(word, plainly) for word in parts):
            yield "lookalike_brand"
        elif len(brand) >= 5 and brand in path:
            yield "brand_in_path"


def _near(word: str, brand: str) -> bool:
    """Tell whether a word is a brand with one letter changed, added, left out or exchanged."""
    if word == brand or abs(len(word) - len(brand)) > 1 or word[0] != brand[0]:
        return False
    first = next((i for i, (a, b) in enumerate(zip(word, brand, strict=False)) if a != b), None)
    if first is None:
        return True
    rest, own = word[first:], brand[first:]
    if len(word) == len(brand):
        return rest[1:] == own[1:] or (rest[:2] == own[1::-1] and rest[2:] == own[2:])
    return rest[1:] == own or rest == own[1:]
