"""Personal data: what names or reaches one person, told from look-alikes by check digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address

from crossfix.content import check_digits
from crossfix.content.leaks import Leak

_NOBODY = re.compile(
    r"@(?:[a-z0-9-]+\.)*(?:example|invalid|test|localhost|domain\.com|xyz\.com|email\.com|yourdomain\.com|"
    r"company\.com|mail\.com|website\.com)(?:\.[a-z]+)?$|"
    r"\.(?:png|jpe?g|gif|svg|webp|js|css|py)$|"
    r"^(?:git|no-?reply|donotreply|info|support|contact|admin|sales|help|hello|press|office|name|user|"
    r"you|your\.?name|someone|john\.?doe|jane\.?doe|foo)@",
    re.IGNORECASE,
)
_TEST_CARD_NUMBERS = (
    "4111111111111111 4242424242424242 4012888888881881 5555555555554444 5105105105105100 "
    "378282246310005 371449635398431 6011111111111117 30569309025904 3530111333300000 "
    "4000056655665556 4000000000000002 5200828282828210 1234567812345670"
)
_TEST_CARDS = frozenset(_TEST_CARD_NUMBERS.split())
_RESOLVER_ADDRESSES = (
    "8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 "
    "1.2.3.4 4.4.4.4 1.2.3.0 2001:4860:4860::8888 2001:4860:4860::8844 2606:4700:4700::1111"
)
_RESOLVERS = frozenset(_RESOLVER_ADDRESSES.split())


def _digits(found: str) -> str:
    return re.sub(r"\D", "", found)


def _email(found: str) -> float:
    return 0.0 if _NOBODY.search(found) or ".." in found else 0.9


def _phone(found: str) -> float:
    """Tell whether a number is one that can be dialled: no fiction, no counting."""
    digits = _digits(found)
    if not 8 <= len(digits) <= 15 or len(set(digits)) < 4 or "234567" in digits:
        return 0.0
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if len(national) == 10 and (national[3:6] == "555" or national[:3] == "555"):
        return 0.0
    return 0.7


def _american(found: str) -> float:
    digits = _digits(found)[-10:]
    possible = digits[0] in "23456789" and digits[3] in "23456789" and digits[1:3] != "11"
    return _phone(digits) if possible else 0.0


def _card(found: str) -> float:
    digits = _digits(found)
    if digits in _TEST_CARDS or len(set(digits)) < 4 or not check_digits.luhn(digits):
        return 0.0
    return 0.95 if check_digits.is_card(digits) else 0.0


def _address(found: str) -> float:
    """Tell whether a number is an address of the public Internet, resolvers aside."""
    try:
        address = ip_address(found.strip("[]"))
    except ValueError:
        return 0.0
    if not address.is_global or found.lower() in _RESOLVERS:
        return 0.0
    return 0.5


def _valid(test: Callable[[str], bool], score: float) -> Callable[[str], float]:
    def sure(found: str) -> float:
        return score if test(re.sub(r"[\s.-]", "", found).upper()) else 0.0

    return sure


def _personal(
    name: str, about: str, pattern: str, sure: Callable[[str], float], group: int = 0
) -> Leak:
    return Leak("personal", name, about, pattern, sure, group)


PERSONAL: tuple[Leak, ...] = (
    _personal("email", "an e-mail address of a person, not of a role",
              r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}"
              r"\.[A-Za-z]{2,24}\b", _email),
    _personal("phone", "an international telephone number",
              r"(?:^|[^\w+./-])(\+[1-9]\d{0,2}[ .()/-]{0,2}\d[\d .()/-]{5,18}\d)\b", _phone, 1),
    _personal("phone_american", "a telephone number of North America",
              r"(?:^|[^\w.+/-])((?:1[ .-])?\(?[2-9]\d\d(?:\) ?|[ .-])[2-9]\d\d[ .-]\d{4})\b",
              _american, 1),
    _personal("iban", "an account number (IBAN) whose check digits are right",
              r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b",
              _valid(check_digits.iban, 1.0)),
    _personal("card", "a payment card number whose check digit is right",
              r"\b\d(?:[ -]?\d){12,18}\b", _card),
    _personal("us_social_security", "a social security number of the United States",
              r"\b\d{3}-\d{2}-\d{4}\b", _valid(check_digits.us_social_security, 0.8)),
    _personal("br_cpf", "a Brazilian CPF whose check digits are right",
              r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b", _valid(check_digits.br_cpf, 1.0)),
    _personal("es_dni", "a Spanish DNI or NIE whose letter is right",
              r"\b[XYZ\d]\d{7}[ -]?[A-HJ-NP-TV-Z]\b", _valid(check_digits.es_dni, 0.9)),
    _personal("it_codice_fiscale", "an Italian codice fiscale whose letter is right",
              r"\b[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b",
              _valid(check_digits.it_codice_fiscale, 1.0)),
    _personal("fr_nir", "a French NIR whose key is right",
              r"\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[0-9AB] ?\d{3} ?\d{3} ?\d{2}\b",
              _valid(check_digits.fr_nir, 1.0)),
    _personal("cn_resident_id", "a Chinese resident identity number whose last place is right",
              r"\b[1-6]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]\b",
              _valid(check_digits.cn_resident_id, 1.0)),
    _personal("in_aadhaar", "an Indian Aadhaar number whose check digit is right",
              r"\b[2-9]\d{3} \d{4} \d{4}\b", _valid(check_digits.in_aadhaar, 0.8)),
    _personal("pl_pesel", "a Polish PESEL, named so, whose check digit is right",
              r"(?i:pesel)\W{0,12}(\d{11})\b", _valid(check_digits.pl_pesel, 1.0), 1),
    _personal("gb_national_insurance", "a British national insurance number",
              r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
              _valid(check_digits.gb_national_insurance, 0.8)),
    _personal("ipv4", "an address of the public Internet, version 4",
              r"(?:^|[^\w.-])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:$|[^\w.-]|\.\s|\.$)",
              _address, 1),
    _personal("ipv6", "an address of the public Internet, version 6",
              r"(?i)(?:^|[^\w:.])([23][0-9a-f]{3}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{1,4})\b",
              _address, 1),
)  # fmt: skip
