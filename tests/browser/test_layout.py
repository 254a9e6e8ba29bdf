"""Every screen in each language, with the longest names, as wide and as colored as it may be.

Nothing scrolls sideways, no word is broken that a line holds, none is cut; axe finds nothing, and the focus is seen.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from application.words.languages import NAMES, language_of
from tests.browser.accessible import AXE, IN_FORCED_COLORS, OF_APPEARANCE, SPACED, focus, structure, violations
from tests.browser.screens import read
from tests.browser.server import serving
from tests.browser.test_accessibility import appear
from tests.browser.tour import LONG_NAME, tour

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
  return {
    sideways: document.documentElement.scrollWidth - innerWidth,
    broken, over: over.map(named), cut: cut.map(named),
  };
}"""


APPEARANCES = (("light", 320), ("dark", 360), ("light", 640), ("light", 1280))
"""A screen of 1280 is 640 wide at 200 % and 320 at 400 %."""

FINE = {"sideways": 0, "broken": [], "over": [], "cut": []}


@pytest.mark.seldom_on_postgresql("a tour of every screen for what it looks like")
@pytest.mark.parametrize("tag", NAMES)
def test_every_screen_holds_the_longest_names(browser: Browser, tmp_path: Path, tag: str) -> None:
    """On one tour in each language, each screen at each width."""
    wrong: dict[tuple[str, int, str], object] = {}  # object: what was measured

    def expect_fine(screen: str, width: int, what: str, found: object, fine: object = ()) -> None:  # object: likewise
        if found != (fine or []):
            wrong[screen, width, what] = found

    def look(page: Page, screen: str) -> None:
        page.wait_for_load_state()
        expect(page.locator("footer")).to_be_visible()
        page.evaluate(AXE)
        for scheme, width in APPEARANCES:
            appear(page, scheme, width)
            expect_fine(screen, width, "layout", page.evaluate(MEASURED), FINE)
            if width == 320:
                expect_fine(screen, width, "spaced", page.evaluate(SPACED))
            if scheme == "dark":
                expect_fine(screen, width, "axe in the dark", violations(page, OF_APPEARANCE))
                expect_fine(screen, width, "focus", focus(page))
        expect_fine(screen, width, "axe", violations(page))
        expect_fine(screen, width, "structure", structure(page, tag))
        page.emulate_media(forced_colors="active")
        expect_fine(screen, width, "axe in forced colors", violations(page, IN_FORCED_COLORS))
        page.emulate_media(forced_colors="none")

    with serving(tmp_path, name=LONG_NAME) as site, browser.new_context(locale=tag) as context:
        context.set_default_timeout(20_000)
        tour(context.new_page(), site, look, partial(read, language_of(tag)))
    assert wrong == {}
