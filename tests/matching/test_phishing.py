import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.matching import Checks
from crossfix.matching.phishing import REASONS, THRESHOLD, score_url, urls_in


@pytest.mark.parametrize(("url", "reason"), [
    ("http://93.184.216.34/login", "ip_host"),
    ("http://[2606:2800:220:1::1]/login", "ip_host"),
    ("https://paypa1.com/signin", "lookalike_brand"),
    ("https://micrsoft-alerts.com/", "lookalike_brand"),
    ("https://paypal.com.secure-login.example/", "brand_elsewhere"),
    ("https://cool-site.weebly.com/netflix/billing", "brand_in_path"),
    ("https://xn--pypal-4ve.com/", "mixed_scripts"),
    ("https://xn--80ak6aa92e.com/", "punycode"),
    ("https://www.paypal.com@evil.example/", "user_part"),
    ("https://something.pages.dev/verify", "free_host"),
    ("https://update-account.top/", "cheap_ending"),
    ("https://a.b.c.d.bank.example/", "many_subdomains"),
    ("https://a-very-long-name-that-never-ends-at-all.example/", "long_host"),
    ("https://post-paket-info.example/", "hyphens"),
    ("https://xkjwqzrt.example/", "drawn_label"),
    ("https://bank.example/login", "lure_words"),
    ("https://bank.example/login/verify", "more_lure_words"),
    ("https://bank.example:8443/", "odd_port"),
    ("https://blog.example/wp-includes/x/", "broken_in"),
    ("https://bit.ly/3xYz", "shortened"),
])  # fmt: skip
def test_each_reason_is_found(url: str, reason: str) -> None:
    assert reason in score_url(url).reasons


def test_every_reason_is_tried_here() -> None:
    marks = test_each_reason_is_found.pytestmark  # type: ignore[attr-defined]
    assert {reason for _, reason in marks[0].args[1]} == set(REASONS)


@pytest.mark.parametrize("url", [
    "https://www.paypal.com/signin", "https://accounts.google.com/login", "https://www.google.co.jp/search",
    "https://en.wikipedia.org/wiki/PayPal", "https://login.microsoftonline.com/common/oauth2",
    "https://github.com/a/b", "https://ada.github.io/", "https://news.ycombinator.com/item?id=1",
    "https://www.bbc.co.uk/news/world-123", "mailto:a@b.example", "", "https://",
])  # fmt: skip
def test_ordinary_addresses_score_below_the_threshold(url: str) -> None:
    assert score_url(url).score < THRESHOLD


def test_more_reasons_weigh_more_and_come_weightiest_first() -> None:
    little, more = (
        score_url("https://x.pages.dev/"),
        score_url("https://paypal-login.pages.dev/verify"),
    )
    assert little.score < more.score
    weights = [REASONS[name][0] for name in more.reasons]
    assert weights == sorted(weights, reverse=True)


def test_a_lure_in_a_text_is_a_finding_with_its_place() -> None:
    text = "Go to (https://paypa1-login.top/verify)."
    (one,) = Checks().look(text, "completion")
    assert (one.check, one.name) == ("url", "lookalike_brand")
    assert text[one.start : one.end] == "https://paypa1-login.top/verify"


@given(st.text(st.characters(), max_size=120))
def test_no_address_is_too_hostile(rest: str) -> None:
    score_url(rest)
    assert 0 <= score_url("https://" + rest).score <= 1
    list(urls_in("https://" + rest + " hxxp://" + rest))


@pytest.mark.realdata
def test_lures_are_told_from_what_people_share(data_dir: Path) -> None:
    rows = pq.read_table(
        data_dir / "phishing" / "urls.parquet", columns=["url", "label"]
    ).to_pylist()
    drawn = random.Random(5).sample(rows, 4000)
    met = {
        label: [score_url(r["url"]).score >= THRESHOLD for r in drawn if r["label"] == label]
        for label in ("phishing", "benign")
    }
    assert sum(met["benign"]) < 0.02 * len(met["benign"])
    assert sum(met["phishing"]) > 0.25 * len(met["phishing"])
