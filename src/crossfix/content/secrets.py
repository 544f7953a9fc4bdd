"""Secrets: keys, tokens and passwords that whoever reads them can use.

The shapes are those that providers give their keys so that they can be recognised. What holds a
checksum is checked by it; the rest must look drawn by lot and not like a placeholder.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from math import log2

from crossfix.content.leaks import Leak

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PLACEHOLDER = re.compile(
    r"example|xxxx|your|placeholder|changeme|dummy|redacted|insert|replace|sample|0000000|1234567|"
    r"abcdefg|\.\.\.|\*\*\*|<|\{|\$\(|(.)\1{5}",
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(
    r"pass(word|wd)?\d{0,3}|pwd|secret|user(name)?|root|admin|test|postgres|mysql|guest|none|null|"
    r"token|key|my[_-]?(password|secret|pass)|db[_-]?pass(word)?",
    re.IGNORECASE,
)


def bits(text: str) -> float:
    """Return the entropy of a text's characters, in bits each."""
    counts = Counter(text)
    return -sum(n / len(text) * log2(n / len(text)) for n in counts.values())


def _token(found: str) -> float:
    """Tell whether a token looks drawn by lot: no placeholder, varied, not words."""
    body = re.split(r"[-_]", found, maxsplit=1)[-1]
    if _PLACEHOLDER.search(found) or len(body) < 8:
        return 0.0
    return 0.95 if bits(body) >= min(3.0, log2(len(body)) - 0.8) and _varied(body) else 0.0


def _varied(body: str) -> bool:
    """Tell whether digits are among the letters, which words have not."""
    return any(c.isdigit() for c in body) and any(c.isalpha() for c in body)


def _letters_only(found: str) -> float:
    """Tell the same of a token that need not have digits."""
    body = found.partition("_")[2]
    mixed = body != body.lower() and body != body.upper()
    return 0.95 if mixed and bits(body) >= 3.5 and not _PLACEHOLDER.search(found) else 0.0


def _checksummed(found: str) -> float:
    """Check a token that ends in the CRC-32 of the rest, six digits to the base 62."""
    body = found.rpartition("_")[2]
    number, digits = zlib.crc32(body[:-6].encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return 1.0 if digits == body[-6:] else 0.8 * (_token(found) > 0)


def _access_key(found: str) -> float:
    return 0.0 if found.endswith("EXAMPLE") or bits(found[4:]) < 2.5 else 1.0


def _json_token(found: str) -> float:
    """Check that the head of a token decodes to an object that names an algorithm."""
    head = found.partition(".")[0]
    try:
        said = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return 0.0
    return 1.0 if isinstance(said, dict) and "alg" in said else 0.0


def _private_key(found: str) -> float:
    """Check that a key's armour holds something."""
    inside = re.sub(r"-----.*?-----|\\n|\s", "", found)
    return 1.0 if len(inside) >= 40 and bits(inside) >= 4 and "..." not in inside else 0.0


def _password(found: str) -> float:
    if _NO_PASSWORD.fullmatch(found) or _PLACEHOLDER.search(found) or found[:1] in "$%[":
        return 0.0
    return 0.9 if len(found) >= 6 and len(set(found)) > 3 else 0.0


def _assigned(found: str) -> float:
    """Tell whether what is assigned to a name like ``api_key`` looks drawn by lot."""
    mixed = sum((any(c.islower() for c in found), any(c.isupper() for c in found),
                 any(c.isdigit() for c in found)))  # fmt: skip
    drawn = bits(found) >= 3.5 and mixed >= 2 and _varied(found) and "." not in found[1:-1]
    return 0.7 if drawn and not _PLACEHOLDER.search(found) else 0.0


def _shape(found: str) -> float:
    return 0.0 if _PLACEHOLDER.search(found) else 1.0


def _secret(
    name: str, about: str, pattern: str, sure: Callable[[str], float] = _token, group: int = 0
) -> Leak:
    return Leak("secret", name, about, pattern, sure, group)


_SCHEMES = (
    r"(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|ldaps?|s?ftp|https?)"
)

SECRETS: tuple[Leak, ...] = (
    _secret("private_key", "a private key in PEM or PGP armour",
            r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[\sA-Za-z0-9+/=,:\\-]{40,900})", _private_key),
    _secret("json_web_token", "a JSON Web Token with its signature",
            r"\beyJ[A-Za-z0-9_-]{8,600}\.eyJ[A-Za-z0-9_-]{8,900}\.[A-Za-z0-9_-]{16,}", _json_token),
    _secret("aws_access_key", "the id of an AWS access key",
            r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b", _access_key),
    _secret("aws_secret_key", "an AWS secret access key",
            r"(?i:aws|secret)[A-Za-z_ ]{0,24}(?i:key|secret)[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
            r"([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)", _assigned, 1),
    _secret("azure_key", "an account key of Azure storage",
            r"AccountKey=([A-Za-z0-9+/]{86}==)", _assigned, 1),
    _secret("google_key", "a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b", _token),
    _secret("google_token", "a Google OAuth token", r"\bya29\.[0-9A-Za-z_-]{20,}", _token),
    _secret("openai_key", "an OpenAI API key",
            r"\bsk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,200}", _token),
    _secret("anthropic_key", "an Anthropic API key",
            r"\bsk-ant-[a-z]{2,8}\d{2}-[A-Za-z0-9_-]{40,200}", _token),
    _secret("github_token", "a GitHub token", r"\bgh[opusr]_[A-Za-z0-9]{36}\b", _checksummed),
    _secret("github_fine_token", "a fine-grained GitHub token",
            r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b", _token),
    _secret("gitlab_token", "a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,64}", _token),
    _secret("npm_token", "an npm token", r"\bnpm_[A-Za-z0-9]{36}\b", _checksummed),
    _secret("pypi_token", "a PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,400}", _shape),
    _secret("hugging_face_token", "a Hugging Face token", r"\bhf_[A-Za-z]{34}\b", _letters_only),
    _secret("slack_token", "a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{16,200}", _token),
    _secret("slack_webhook", "the address of a Slack webhook",
            r"hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,32}",
            _shape),
    _secret("stripe_key", "a live Stripe key", r"\b[rs]k_live_[0-9A-Za-z]{16,200}", _token),
    _secret("twilio_key", "a Twilio API key", r"\bSK[0-9a-f]{32}\b", _token),
    _secret("sendgrid_key", "a SendGrid key",
            r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b", _token),
    _secret("telegram_bot", "the token of a Telegram bot",
            r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b", _token),
    _secret("discord_bot", "the token of a Discord bot",
            r"\b[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}\b", _token),
    _secret("connection_string", "an address with a password in it",
            r"\b" + _SCHEMES + r"://[^\s:/@'\"<>]{1,64}:([^\s/@'\"<>]{3,128})@[A-Za-z0-9\[]",
            _password, 1),
    _secret("assigned_secret", "a value drawn by lot, assigned to a name like `api_key`",
            r"(?i:api[_-]?key|secret|access[_-]?token|auth[_-]?token|client[_-]?secret|passw(?:or)?d)"
            r"[\"']?\s{0,3}(?:=>|:=|[:=])\s{0,3}[\"']?([A-Za-z0-9+/_=-]{20,128})", _assigned, 1),
)  # fmt: skip
