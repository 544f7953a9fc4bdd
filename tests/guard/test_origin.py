"""Where an upstream is, as its requests say it."""

import pytest

from crossfix.guard.origin import Origin


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://a.example/v1", b"a.example"), ("https://a.example:443", b"a.example"),
     ("http://a.example:8080", b"a.example:8080"), ("http://[::1]:1/v1", b"[::1]:1"),
     ("https://b\u00fccher.example", b"xn--bcher-kva.example")],
)  # fmt: skip
def test_an_origin_says_its_host(url: str, host: bytes) -> None:
    assert Origin(url).lines == b"host: " + host + b"\r\n"


def test_a_name_in_the_address_is_a_credential() -> None:
    assert b"authorization: Basic dTpwQA==\r\n" in Origin("http://u:p%40@a.example").lines
