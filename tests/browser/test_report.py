"""The report as a person meets it."""

from importlib import resources

import pytest
from worlds import HOSTILE, empty, world

from crossfix.campaigns.output.report.page import render

pytestmark = pytest.mark.accept

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    hunts = {
        "small": world(),
        "large": world(campaigns=150, accounts=40_000, size=22),
        "empty": empty(),
    }
    for name, hunt in hunts.items():
        (folder / f"{name}.html").write_text(render(hunt), "utf-8")
    return folder


class Visit:
    """A page opened in the browser, with all that went wrong on it."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        self.page = self.context.new_page()
        self.url = path.as_uri()
        self.said, self.requests = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.add_init_script(WATCH)
        self.page.goto(self.url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.fixture
def visit(browser, reports):
    with Visit(browser, reports / "small.html") as visit:
        yield visit


@pytest.fixture
def page(visit):
    return visit.page


def _painted(page):
    """Count the distinct colours on the network picture."""
    page.wait_for_timeout(200)
    return page.evaluate(
        """() => {
          const c = document.getElementById("net");
          const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
          const seen = new Set();
          for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0)
            seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
          return seen.size;
        }"""
    )


def _hash(page):
    page.wait_for_timeout(150)
    return page.evaluate("document.getElementById('net').toDataURL()")


@pytest.mark.parametrize("name", ["small", "large", "empty"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_report_opens_without_error_request_or_violation(browser, reports, name, scheme, width):
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with Visit(browser, reports / f"{name}.html", **options) as visit:
        visit.page.wait_for_timeout(300)
        assert visit.said == []
        assert visit.page.evaluate("window.violations") == []
        assert [u for u in visit.requests if not u.startswith("data:")] == [visit.url]
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_strings_are_shown_and_do_nothing(page):
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    text = page.inner_text("#detail")
    assert HOSTILE[0] in text
    assert HOSTILE[4] in text
    assert "RLO" in text
    assert "ZWSP×3" in text
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.evaluate("document.querySelectorAll('#detail img, #detail iframe').length") == 0


def test_the_policy_stops_a_script_that_got_in(page):
    page.evaluate(
        """() => { const s = document.createElement("script");
          s.textContent = "window.pwned = 9"; document.body.append(s);
          const i = document.createElement("img");
          i.src = "https://evil.example/x.png"; document.body.append(i); }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert any("script-src" in v for v in page.evaluate("window.violations"))
    assert any("img-src" in v for v in page.evaluate("window.violations"))


def test_j_and_k_move_between_campaigns_and_o_opens_what_they_share(page):
    order = page.evaluate("[...document.querySelectorAll('article.campaign')].map((a) => a.id)")

    def held():
        return page.evaluate("document.activeElement.id")

    page.keyboard.press("j")
    assert held() == order[0]
    page.keyboard.press("j")
    assert held() == order[1]
    page.keyboard.press("k")
    assert held() == order[0]
    page.keyboard.press("o")
    assert page.evaluate(
        "[...document.activeElement.querySelectorAll('.key')].every((d) => d.open)"
    )
    page.keyboard.press("o")
    assert not page.evaluate(
        "[...document.activeElement.querySelectorAll('.key')].some((d) => d.open)"
    )


def test_a_slash_filters_and_escape_clears(page):
    page.keyboard.press("/")
    page.keyboard.type("river_1_0")
    assert page.locator("#list tbody tr:visible").count() == 1
    assert page.locator("article.campaign:visible").count() == 1
    assert page.inner_text("#count") == "1 of 9 shown"
    page.keyboard.press("Escape")
    assert page.locator("#list tbody tr:visible").count() == 9


def test_a_question_mark_opens_the_help(page):
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


def test_the_list_sorts_by_a_click_on_its_heads(page):
    def column(n):
        cells = page.locator(f"#list tbody tr td:nth-child({n}) .num").all_inner_texts()
        return [float(c) for c in cells]

    page.click("#list thead th:nth-child(4) button")
    assert column(4) == sorted(column(4), reverse=True)
    assert page.get_attribute("#list thead th:nth-child(4)", "aria-sort") == "descending"
    page.click("#list thead th:nth-child(4) button")
    assert column(4) == sorted(column(4))


@pytest.mark.parametrize("name", ["small", "large"])
def test_the_network_is_drawn_and_zooms(browser, reports, name):
    with Visit(browser, reports / f"{name}.html") as visit:
        assert _painted(visit.page) > 8
        before = _hash(visit.page)
        visit.page.focus("#net")
        for _ in range(4):
            visit.page.keyboard.press("+")
        assert _hash(visit.page) != before
        visit.page.keyboard.press("0")
        assert _hash(visit.page) == before


def test_pointing_names_an_account_and_a_click_opens_its_campaign(page):
    page.locator("#net").scroll_into_view_if_needed()
    x, y, campaign = page.evaluate(
        """() => { const d = JSON.parse(document.getElementById("data").textContent).network;
          const i = d.c.findIndex((c) => c >= 0), b = document.getElementById("net")
            .getBoundingClientRect(), s = Math.min(b.width, b.height) / 10000;
          return [b.left + b.width / 2 + (d.x[i] - 5000) * s,
                  b.top + b.height / 2 + (d.y[i] - 5000) * s, d.campaigns[d.c[i]]]; }"""
    )
    page.mouse.move(x, y)
    page.wait_for_timeout(150)
    assert f"Campaign {campaign[0]}" in page.inner_text("#tip")
    page.mouse.click(x, y)
    assert page.evaluate("document.activeElement.id") == campaign[1]


def test_a_brush_over_the_timeline_keeps_the_campaigns_active_then(page):
    page.locator("#timeline").scroll_into_view_if_needed()
    box = page.locator(".time-row svg").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.12, y, steps=4)
    page.mouse.up()
    shown = page.locator("#list tbody tr:visible").count()
    expected = page.evaluate(
        """() => { const t = JSON.parse(document.getElementById("data").textContent).timeline;
          const to = +document.getElementById("to").value;
          return Object.values(t.active).filter((a) => a.slice(0, to).includes("1")).length; }"""
    )
    assert shown == expected
    assert 0 < shown < 9
    page.click("#range-all")
    assert page.locator("#list tbody tr:visible").count() == 9


def test_the_report_reads_without_javascript(browser, reports):
    with Visit(browser, reports / "small.html", java_script_enabled=False) as visit:
        page = visit.page
        assert page.locator("#net-plain").is_visible()
        assert not page.locator("canvas").is_visible()
        assert page.locator("button:visible").count() == 0
        assert page.locator("article.campaign").count() == 9
        page.locator("details.key summary").nth(1).click()
        assert page.locator("details.key").nth(1).locator("mark").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, reports, scheme):
    with Visit(browser, reports / "small.html", color_scheme=scheme) as visit:
        faint = visit.page.evaluate(
            """() => {
              const pen = document.createElement("canvas").getContext("2d");
              const rgb = (c) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = c;
                pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data]; };
              const light = (c) => c.slice(0, 3).map((v) => v / 255)
                .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const ground = (e) => { for (; e; e = e.parentElement) {
                const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; }
                return [255, 255, 255, 255]; };
              const faint = [];
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walk.nextNode()) {
                const e = walk.currentNode.parentElement;
                if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
                if (e.closest("svg, script")) continue;
                const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) faint.push(`${e.className} ${ratio.toFixed(2)}`);
              }
              return [...new Set(faint)];
            }"""
        )
        assert faint == []


@pytest.mark.parametrize("width", [1280, 390])
def test_times_and_kinds_are_not_broken_in_two(browser, reports, width):
    with Visit(browser, reports / "small.html", viewport={"width": width, "height": 900}) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = 1))")
        broken = visit.page.evaluate(
            """() => [...document.querySelectorAll("time, .whole, .id, .scroll td")]
              .filter((e) => e.checkVisibility() && !/[\\s:/.]/.test(e.textContent.trim()) ||
                             e.matches("time, .whole, .id"))
              .filter((e) => { const r = document.createRange(); r.selectNodeContents(e);
                return new Set([...r.getClientRects()].map((c) => Math.round(c.top))).size > 1; })
              .map((e) => e.textContent)"""
        )
        assert broken == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", ["small", "large", "empty"])
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_stands_in_the_way_of_assistive_technology(browser, reports, name, width):
    options = {"bypass_csp": True, "viewport": {"width": width, "height": 900}}
    package = pytest.importorskip("axe_playwright_python", reason="the group `browser` is missing")
    axe = (resources.files(package) / "axe.min.js").read_text("utf-8")
    with Visit(browser, reports / f"{name}.html", **options) as visit:
        if name == "small":
            visit.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = 1))")
        visit.page.evaluate(axe)
        found = visit.page.evaluate("axe.run()")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
