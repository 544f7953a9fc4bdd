import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from crossfix.policy import STARTER, Policy, load_policies
from crossfix.policy.page import LANGUAGES, acceptance, edition, published, usage_page

Make = Callable[..., Policy]
PACK = load_policies([STARTER])


class Tags(HTMLParser):
    """Every opening tag with its attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_one_language_throughout(language: str) -> None:
    tags = Tags(usage_page(PACK, language))
    direction = "rtl" if language == "ar" else "ltr"
    assert tags.tags[0] == ("html", {"lang": language, "dir": direction})
    assert not [t for t, attributes in tags.tags[1:] if "lang" in attributes]
    shown = " ".join(tags.text.split())
    for policy in published(PACK):
        assert " ".join(policy.text[language].split()) in shown


def test_only_live_policies_are_shown_and_nothing_of_how_they_find_out() -> None:
    page = usage_page(PACK)
    assert 'id="phishing-lures"' in page
    assert 'id="shared-prompts"' not in page
    assert "similar_share" not in page
    assert "count(" not in page


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = usage_page(PACK)
    assert not re.search(r"https?:|src=|<script|<link|@import|url\(", page)


def test_a_text_in_another_language_is_marked_as_such(policy: Make) -> None:
    arabic = dataclasses.replace(policy("length > 0"), text={"ar": "لا تفعل."})
    tags = Tags(usage_page([arabic], "nl"))
    assert tags.tags[0][1]["lang"] == "en"
    assert ("h2", {"lang": "ar", "dir": "rtl"}) in tags.tags


def test_hostile_texts_stay_text(policy: Make) -> None:
    bad = dataclasses.replace(policy("length > 0"), text={"en": "<script>x</script> & \"'"})
    page = usage_page([bad], 'en"><b>')
    assert "<script" not in page
    assert "<b>" not in page
    assert "<script>x</script> & \"'" in Tags(page).text


def test_the_edition_changes_with_any_published_policy_and_with_nothing_else() -> None:
    first = edition(PACK)
    assert edition(reversed(PACK)) == first
    drafts = [p for p in PACK if p.status == "live"]
    assert edition(drafts) == first
    newer = [dataclasses.replace(p, version=p.version + 1) if p.id == "key-resale" else p
             for p in PACK]  # fmt: skip
    assert edition(newer) != first


def test_what_was_accepted_is_an_event_with_every_version() -> None:
    event = acceptance("app:1", PACK, 1_790_000_000.25, service="app", language="fr",
                       attributes={"ip": "10.0.0.1"})  # fmt: skip
    assert event.account == "app:1"
    assert event.received.timestamp() == 1_790_000_000.25
    assert "phishing-lures@1" in event.attributes["accepted"].split()
    assert len(event.attributes["accepted"].split()) == len(published(PACK))
    assert event.attributes["edition"] == edition(PACK)
    assert event.attributes["ip"] == "10.0.0.1"
    again = acceptance("app:1", PACK, 1_790_000_009.0, service="app")
    assert again.id == event.id


def test_a_page_without_policies_says_so() -> None:
    assert "There are no usage policies." in usage_page([])
