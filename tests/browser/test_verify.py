"""The page of verification as a person meets it: in a real browser, with a virtual passkey."""

import re

import pytest
from tests.guard.verify_world import World

from crossfix.guard.verify.languages import LANGUAGES
from crossfix.guard.verify.one_time import code_at

pytestmark = pytest.mark.accept

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(
        tmp_path_factory.mktemp("verify"), verify__proof_cost=200, verify__proof_tries=200,
        verify__enrol_tier="anonymous", smtp__url="smtp://127.0.0.1:1", verify__name="Poems",
    )  # fmt: skip
    with made.served():
        yield made
    made.close()


@pytest.fixture
def visit(browser, world):
    """Opens pages and, at the end, says what went wrong on them."""
    contexts, wrong = [], []

    def opened(url, **options):
        options = {"viewport": {"width": 1000, "height": 900}, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda r: None if r.url.startswith("http://localhost:") else wrong.append(r.url),
        )
        page.add_init_script(WATCH)
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            wrong.extend(page.evaluate("window.violations ?? []"))
        context.close()
    assert wrong == []


def test_a_proof_of_work_is_done_with_the_keyboard_alone(visit, world):
    page = visit(world.url("app:keys"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Start"
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('You are verified')", timeout=60_000)
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert world.tier("app:keys") == "proof_of_work"


def test_work_is_said_to_who_cannot_see_it(visit, world):
    page = visit(world.url("app:said"))
    heard = page.evaluate("""() => new Promise((resolve) => {
      const said = document.querySelector("[role=status]");
      new MutationObserver(() => resolve(said.textContent)).observe(said, { childList: true });
      document.querySelector("form[data-proof] button").click();
    })""")
    assert re.fullmatch(r"Working: \d+ percent", heard)
    page.wait_for_selector("h1:has-text('You are verified')", timeout=60_000)


def test_a_passkey_is_set_up_and_used(visit, world):
    page = visit(world.url("app:pass", "code"))
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
    }})  # fmt: skip
    page.click("text=Set up the passkey")
    page.wait_for_selector("h1:has-text('You are verified')")
    page.goto(world.url("app:pass", "code"))
    assert page.locator("section").count() == 1
    page.click("button:has-text('Use the passkey')")
    page.wait_for_selector("h1:has-text('You are verified')")
    assert world.tier("app:pass") == "code"
    assert [e.attributes["verified"] for e in world.events if e.account == "app:pass"] == [
        "passkey", "passkey"
    ]  # fmt: skip


def test_a_passkey_that_the_device_refuses_is_said(visit, world):
    page = visit(world.url("app:refuse", "code"))
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasUserVerification": True,
        "hasResidentKey": True, "isUserVerified": False,
    }})  # fmt: skip
    page.click("text=Set up the passkey")
    page.wait_for_selector("text=That did not work on this device")
    assert page.locator("button:has-text('Set up the passkey')").is_enabled()


def test_an_app_is_set_up_with_the_picture_and_recovery_codes_are_shown(visit, world):
    import time
    from base64 import b32decode

    page = visit(world.url("app:totp", "code"))
    page.click("button:has-text('Set up') >> nth=0")
    assert page.locator(".picture svg").bounding_box()["width"] > 150
    seed = b32decode(page.inner_text(".key").replace(" ", ""))
    page.fill("#totp-first", code_at(seed, int(time.time()) // 30))
    page.click("text=Check the code")
    page.wait_for_selector("h1:has-text('You are verified')")
    assert page.locator(".codes li").count() == 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(visit, world, language, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(
        world.url(f"app:axe{language}", "proof_of_work") + f"?lang={language}",
        color_scheme=scheme, viewport={"width": 390, "height": 844}, reduced_motion="reduce",
    )  # fmt: skip
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    moves = "getComputedStyle(document.querySelector('button')).transitionDuration"
    assert page.evaluate(moves) in ("0s", "")


def test_the_page_works_without_javascript(visit, world):
    page = visit(world.url("app:plain"), java_script_enabled=False)
    assert "crossfix verify solve http://localhost" in page.inner_text("noscript pre")
    assert not page.locator("form[data-proof] button").is_visible()
    page.fill("#email-address", "ann@example.org")
    page.click("text=Send the code")
    assert page.locator("#email-code").is_visible()
