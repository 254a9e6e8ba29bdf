"""Every screen in each language, with the longest names, as wide and as colored as it may be.

Nothing scrolls sideways, no word is broken that a line holds, none is cut; axe finds nothing, and the focus is seen.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from application.words.language import Language
from application.words.languages import NAMES, language_of
from interface.web import caller
from tests.browser.accessible import AXE, IN_FORCED_COLORS, OF_APPEARANCE, SPACED, focus, structure, violations
from tests.browser.screens import read
from tests.browser.server import serving
from tests.browser.test_accessibility import appear
from tests.browser.tour import LONG_NAME, PRODUCTS, tour
from tests.loud import LONG

MEASURED = """() => {
  const visible = (element) => element.checkVisibility() && !element.closest(".visually-hidden, .skip-link");
  const room = (element) => {
    let block = element;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    if (block.matches("td, th")) block = block.closest("table").parentElement;
    const { paddingLeft, paddingRight } = getComputedStyle(block);
    return block.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  };
  const broken = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (!visible(text.parentElement) || text.parentElement.closest("svg, textarea, option")) continue;
    // Lines end after hyphens and slashes, and between Chinese and Japanese characters, but not within a day
    const pieces = /\\d{4}年\\d{1,2}月\\d{1,2}日|[^\\s/\\u2010-]+?(?=\\d{4}年)|[^\\s/\\u2010-]+/g;
    for (const { 0: word, index } of text.data.matchAll(pieces)) {
      if (/[\\u3000-\\u9fff]/.test(word) && !/^\\d{4}年/.test(word)) continue;
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const boxes = [...range.getClientRects()].filter((box) => box.width);
      const width = boxes.reduce((sum, box) => sum + box.width, 0);
      if (new Set(boxes.map((box) => Math.round(box.top))).size > 1 && width <= room(text.parentElement)) {
        broken.push(word);
      }
    }
  }
  const elements = [...document.querySelectorAll("body *")].filter(visible);
  const named = (element) => element.id || element.className || element.tagName;
  const over = elements.filter((element) => {
    const box = element.getBoundingClientRect();
    return !element.closest("svg") && box.width && (box.left < 0 || box.right > innerWidth + 0.5);
  });
  const cut = elements.filter((element) =>
    (element.matches("button, .btn, select") && element.scrollWidth > element.clientWidth + 1) ||
    (element.matches("input[type=date]") &&
      element.clientWidth < 9.5 * parseFloat(getComputedStyle(element).fontSize)));
  // An open menu lies over what is below it
  const touched = elements.filter((element) => element.matches("a, button, input, select, textarea, summary, label")
    && !element.closest(".panel"));
  const boxes = touched.map((element) => [element, element.getBoundingClientRect()]);
  const overlapping = boxes.flatMap(([one, box], index) => boxes.slice(index + 1)
    .filter(([other, beside]) => !one.contains(other) && !other.contains(one)
      && Math.min(box.right, beside.right) - Math.max(box.left, beside.left) > 1
      && Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top) > 1
      && (getComputedStyle(one).display !== "inline" && getComputedStyle(other).display !== "inline"))
    .map(([other]) => `${named(one)} ${named(other)}`));
  return {
    sideways: document.documentElement.scrollWidth - innerWidth,
    broken, over: over.map(named), cut: cut.map(named), overlapping,
  };
}"""


APPEARANCES = (("light", 320), ("dark", 360), ("light", 640), ("light", 1280))
"""A screen of 1280 is 640 wide at 200 % and 320 at 400 %."""

FINE = {"sideways": 0, "broken": [], "over": [], "cut": [], "overlapping": []}


LANGUAGES = {tag: language_of(tag) for tag in NAMES} | {LONG.tag: LONG}
"""Those that there are, and one that needs more room than English and shows what escapes the catalog."""

ESCAPED = """(names) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const escaped = [];
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode;
    if (!element.checkVisibility() || element.closest("code, bdi, textarea, script, style, time")) continue;
    const said = names.reduce((text, name) => text.replaceAll(name, " "), data)
      .replace(/\\([a-z2-7]{8}\\)|\\b[0-9a-f-]{4,}\\b/g, " ");
    if (/[a-z][aeiou]|[aeiou][a-z]/.test(said)) escaped.push(said.trim());
  }
  return escaped;
}"""
"""The texts with a word whose vowels have no accents, and which is no name."""

UNSAID = (
    *(LONG_NAME, *PRODUCTS, *NAMES.values(), "Seatledger", "timetracker-nx", "Europe/Berlin"),
    *("Example Vendor", "Example Customer", "Example", "login-check", "license", "users", "administrators", "audit, "),
    *("anna.lindqvist@consulting.example.com", "administratrix.", "auditor.", "erased.", "removed.", "gone", "bea"),
    *("forgotten", "vera.", "admin", "tester", "erased person", "malformed", "audit)", "audit ·"),
)
"""What has one name in every language: people, products, scopes, codes."""


@pytest.mark.seldom_on_postgresql("a tour of every screen for what it looks like")
@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_screen_holds_the_longest_names(
    browser: Browser, tmp_path: Path, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one tour in each language, each screen at each width."""
    wrong: dict[tuple[str, int, str], object] = {}  # object: what was measured
    is_long = language is LONG
    if is_long:
        monkeypatch.setattr(caller, "language", lambda: LONG)

    def expect_fine(screen: str, width: int, what: str, found: object, fine: object = ()) -> None:  # object: likewise
        if found != (fine or []):
            wrong[screen, width, what] = found

    def look(page: Page, screen: str) -> None:
        page.wait_for_load_state()
        expect(page.locator("footer")).to_be_visible()
        page.evaluate(AXE)
        for scheme, width in APPEARANCES[is_long:]:
            appear(page, scheme, width)
            expect_fine(screen, width, "layout", page.evaluate(MEASURED), FINE)
            if is_long:
                continue
            if width == 320:
                expect_fine(screen, width, "spaced", page.evaluate(SPACED))
            if scheme == "dark":
                expect_fine(screen, width, "axe in the dark", violations(page, OF_APPEARANCE))
                expect_fine(screen, width, "focus", focus(page))
        if is_long:
            expect_fine(screen, width, "escaped", page.evaluate(ESCAPED, UNSAID))
            return
        expect_fine(screen, width, "axe", violations(page))
        expect_fine(screen, width, "structure", structure(page, language.tag))
        page.emulate_media(forced_colors="active")
        expect_fine(screen, width, "axe in forced colors", violations(page, IN_FORCED_COLORS))
        page.emulate_media(forced_colors="none")

    with serving(tmp_path, name=LONG_NAME) as site, browser.new_context(locale=language.tag) as context:
        context.set_default_timeout(20_000)
        tour(context.new_page(), site, look, partial(read, language))
    assert wrong == {}
