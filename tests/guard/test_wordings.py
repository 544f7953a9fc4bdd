"""What decisions say in the languages of people."""

import pytest

from crossfix.accounts.standing import Standing
from crossfix.guard import Guard, Limit, Plan, Planned, Request, Ruling
from crossfix.guard.codes import CODES
from crossfix.guard.refuse import refused, sentence
from crossfix.guard.verify.languages import LANGUAGES
from crossfix.guard.wordings import ENGLISH, language_of, wording, wordings
from crossfix.policy import STARTER, load_policies

NOW = 1_790_000_000.0
OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
ONE = Plan(
    limits=(Limit(scope="account", counted="requests", limit=1, period_seconds=60.0),), tiers={}
)


def request(language: str) -> Request:
    return Request(id="r", service="app", account="app:u1", action="prompt", language=language)


def test_decisions_speak_the_languages_of_the_verification_page_and_of_the_starter_pack() -> None:
    assert set(wordings()) == set(LANGUAGES)
    spoken = [set(policy.text) for policy in load_policies([STARTER])]
    assert all(set(wordings()) <= languages for languages in spoken)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_there_in_every_language(language: str) -> None:
    own, english = wording(language), wording(ENGLISH)
    assert own.reasons.keys() == CODES.keys()
    assert own.lifts.keys() == english.lifts.keys()
    assert own.phrases.keys() == english.phrases.keys()
    for code, pair in own.reasons.items():
        assert all(text.strip() and text not in english.reasons[code] for text in pair)
        assert len({pair[0]} & {one for one, _ in wording(ENGLISH).reasons.values()}) == 0
    assert len({text for text, _ in own.reasons.values()}) == len(CODES), "none stands for two"
    for name, phrase in own.phrases.items():
        assert phrase.count("{}") == english.phrases[name].count("{}")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("pt-BR", "pt"), ("zh-Hant-TW", "zh"),
        ("sw, fr;q=0.4", "fr"), ("en-GB,de", "en"), ("", "en"), ("*", "en"), ("de;q=0, ar", "ar"),
        ("\x00;;;,,q=", "en"), ("sw", "en"),
    ],
)  # fmt: skip
def test_the_language_that_is_wanted_most_is_spoken(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


@pytest.mark.parametrize("language", [ENGLISH, *OTHERS])
def test_a_throttled_call_is_told_in_the_persons_language(language: str) -> None:
    guard = Guard(plan=Planned(ONE))
    guard.decide(request(language), NOW)
    decision = guard.decide(request(language), NOW)
    text, lifts = wording(language).reasons["rate_limit_requests"]
    assert (decision.answer, decision.language) == ("throttle", language)
    assert (decision.reasons[0].text, decision.lifts) == (text, lifts)
    refusal = refused(decision)
    assert refusal is not None
    assert refusal.message.startswith(f"{text} {lifts} ")
    assert refusal.message.endswith(
        wording(language).phrases["reference"].format(decision.reference)
    )


@pytest.mark.parametrize("language", OTHERS)
def test_a_challenged_call_is_told_where_to_verify_in_the_persons_language(language: str) -> None:
    guard = Guard()
    guard.standings.put(
        Standing(account="app:u1", first=1.0, state="challenged", required="email"), NOW
    )
    refusal = refused(guard.decide(request(f"{language}-XX"), NOW), "https://a.example/v")
    assert refusal is not None
    assert wording(language).reasons["verification_required"][0] in refusal.message
    assert wording(language).phrases["verify"].format("https://a.example/v") in refusal.message


@pytest.mark.parametrize(("language", "text"), [("fr", "Non."), ("de", "No."), ("en", "No.")])
def test_a_policy_is_read_in_the_persons_language_where_it_has_that(
    language: str, text: str
) -> None:
    ruling = Ruling(policy="p", answer="block", text="No.", wording={"en": "No.", "fr": "Non."})
    decision = Guard(rules=lambda facts: [ruling]).decide(request(language), NOW)
    assert decision.reasons[0].text == text
    assert decision.lifts == wording(language).reasons["policy"][1]


def test_without_a_language_decisions_speak_english() -> None:
    decision = Guard().refuse("key_expired")
    assert sentence(decision) == (
        f"The API key has expired. Ask for a new key. Reference: {decision.reference}"
    )
    assert Guard().refuse("key_expired", language="es").reasons[0].text.startswith("La clave")
