import base64
import json
import random
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.content import check_digits
from crossfix.content.pattern_set import PatternSet, utf8
from crossfix.content.personal import PERSONAL
from crossfix.content.secrets import SECRETS, bits

LEAKS = (*SECRETS, *PERSONAL)
SET = PatternSet([leak.pattern for leak in LEAKS])
DRAW = random.Random(7)
ALNUM = string.ascii_letters + string.digits


def some(size: int, of: str = ALNUM) -> str:
    """Return characters drawn by lot, so that no key of anybody stands in this file."""
    return "".join(DRAW.choice(of) for _ in range(size - 4)) + "a7Kq"


def found(text: str) -> dict[str, str]:
    raw, answer = utf8(text), {}
    for number in SET.among(raw):
        leak = LEAKS[number]
        for start, end in SET.spans(number, raw, leak.group):
            if leak.sure(raw[start:end].decode()) > 0:
                answer[leak.name] = raw[start:end].decode()
    return answer


def github() -> str:
    body, digits = some(30), ""
    number = zlib.crc32(body.encode())
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[digit] + digits
    return f"ghp_{body}{digits}"


def token() -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()).decode()
    body = base64.urlsafe_b64encode(json.dumps({"sub": "1234567890"}).encode()).decode()
    return f"{head.rstrip('=')}.{body.rstrip('=')}.{some(43)}"


MADE = {
    "private_key": "-----BEGIN RSA PRIVATE KEY-----\n" + some(64) + "\n" + some(64) + "\n",
    "json_web_token": token(),
    "aws_access_key": "AKIA" + some(20, string.ascii_uppercase + "234567")[:16],
    "azure_key": some(86) + "==",
    "google_key": "AIza" + some(35),
    "google_token": "ya29." + some(60),
    "openai_key": "sk-proj-" + some(48),
    "anthropic_key": "sk-ant-api03-" + some(95),
    "github_token": github(),
    "github_fine_token": f"github_pat_{some(22)}_{some(59)}",
    "gitlab_token": "glpat-" + some(20),
    "hugging_face_token": "hf_" + "".join(DRAW.choice(string.ascii_letters) for _ in range(34)),
    "slack_token": "xoxb-" + "1736451928-" + some(24),
    "stripe_key": "sk_live_" + some(24),
    "telegram_bot": "176391245:AA" + some(33),
    "connection_string": "Tr0ub4dor",
    "email": "anna.kovacs@uni-bonn.de",
    "phone": "+49 228 731984",
    "phone_american": "(212) 736-5014",
    "iban": "DE89 3704 0044 0532 0130 00",
    "card": "4539 1488 0343 6467",
    "us_social_security": "536-22-8714",
    "br_cpf": "529.982.247-25",
    "es_dni": "53276094K",
    "it_codice_fiscale": "RSSMRA85T10A562S",
    "cn_resident_id": "11010519491231002X",
    "gb_national_insurance": "AB 31 87 09 C",
    "ipv4": "93.184.216.34",
    "ipv6": "2606:2800:220:1:248:1893:25c8:1946",
}  # fmt: skip
AROUND = {
    "connection_string": "postgres://bob:{}@db.internal/app",
    "azure_key": "AccountName=x;AccountKey={};EndpointSuffix=y",
}


@pytest.mark.parametrize("name", MADE)
def test_what_should_not_leave_is_found_alone_and_in_a_sentence(name: str) -> None:
    text = AROUND.get(name, "{}").format(MADE[name])
    for said in (text, f"Here it is: {text}, as you asked.", f'{{"x": "{text}"}}', f"é {text}\n"):
        assert found(said).get(name, "").strip().startswith(MADE[name].strip()), said


@pytest.mark.parametrize("text", [
    "AKIAIOSFODNN7EXAMPLE", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "sk-your-api-key-goes-here-please",
    "api_key = 'YOUR_API_KEY_GOES_HERE'", "password: correct-horse-battery-staple",
    "postgres://user:password@localhost/db", "postgres://user:<password>@localhost/db",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "sk-learn-contributors-and-friends",
    "eyJhbGciOiJub3RoaW5n.eyJzdWIiOiIxMjM0NTY3ODkw.c2lnbmF0dXJlaGVyZQ", "ghp_" + "a" * 36,
    "me@example.com", "support@bigshop.de", "icon@2x.png", "user@domain.com",
    "git@github.com:a/b", "4111 1111 1111 1111", "1234 5678 9012 3456", "0000 0000 0000 0000",
    "DE89 3704 0044 0532 0130 01", "555-123-4567", "(212) 555-0199", "call 911 or 1-800",
    "+1 234 567 8900", "123-45-6789", "000-12-3456", "10.0.0.1", "127.0.0.1", "192.168.1.20",
    "8.8.8.8", "version 3.11.4.2-rc", "1.2.3.4", "12:30:45", "2026-03-01 10:30:00",
    "isbn 978-3-16-148410-0", "ISO 8601", "3.14159265358979323846", "529.982.247-26",
    "order 20260301123456789", "::1", "2001:db8::1", "fe80::1",
])  # fmt: skip
def test_what_only_looks_alike_is_let_go(text: str) -> None:
    assert found(text) == {}
    assert found(f"He wrote {text} there.") == {}


@given(st.integers(0, 10**15 - 1).map("{:015d}".format))
def test_luhn_finds_every_single_wrong_digit(body: str) -> None:
    (last,) = (d for d in string.digits if check_digits.luhn(body + d))
    number = body + last
    for place in range(0, 16, 5):
        wrong = str((int(number[place]) + 1) % 10)
        assert not check_digits.luhn(number[:place] + wrong + number[place + 1 :])


@given(st.integers(0, 10**18 - 1).map("{:018d}".format))
def test_an_iban_has_one_pair_of_check_digits(account: str) -> None:
    right = [n for n in range(2, 99) if check_digits.iban(f"DE{n:02d}{account}")]
    assert len(right) == 1


@given(st.integers(2 * 10**10, 10**11 - 1).map(str))
def test_verhoeff_finds_every_exchange_of_neighbours(body: str) -> None:
    number = body + next((d for d in string.digits if check_digits.in_aadhaar(body + d)), "")
    if len(number) == 12:  # else too few different digits to be anybody's
        swapped = number[:3] + number[4] + number[3] + number[5:]
        assert swapped == number or not check_digits.in_aadhaar(swapped)


@given(st.text(st.sampled_from("AKIAsk-ghp_eyJ.@+0123456789:/ \n-abcé\ud800"), max_size=300))
def test_no_text_is_too_hostile_for_the_checks(text: str) -> None:
    found(text)


def test_entropy_is_that_of_the_characters() -> None:
    assert bits("aaaa") == 0
    assert bits("abab") == 1
    assert bits("abcdefgh") == 3
