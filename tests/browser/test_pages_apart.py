"""The pages that no tour of the screens comes to: for programs' authors, for people turned away, and the verifier.

Each in the light, the dark and forced colors, and as narrow as a screen of 1280 is at 200 % and at 400 %.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from application.words.languages import NAMES, language_of
from tests.browser.screens import read, sign_in
from tests.browser.server import Site
from tests.browser.test_accessibility import AXE, appear, look_once
from tests.browser.verifier_page import open_page

APPEARANCES = (("light", 1280), ("dark", 640), ("light", 320))

PATHS = ("problems", "problems/malformed", "denied?code=licenses_exceeded&decision=admin_only", "api-reference")

OF_FORCED_COLORS = """() => [...document.querySelectorAll("button, .btn, input, select, textarea, summary.btn")]
    .filter((element) => element.checkVisibility() && element.type !== "file")
    .filter((element) => getComputedStyle(element).borderStyle === "none" &&
        getComputedStyle(element).appearance === "none")
    .map((element) => element.outerHTML.slice(0, 120))"""
"""What is pressed or filled in without an edge, where no background tells it from the page."""


def look(page: Page, screen: str, tag: str) -> None:
    page.wait_for_load_state()
    page.evaluate(AXE)
    for scheme, width in APPEARANCES:
        appear(page, scheme, width)
        look_once(page, f"{screen}, {scheme} at {width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{screen} at {width}"
    page.emulate_media(forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(OF_FORCED_COLORS) == [], screen
    page.emulate_media(forced_colors="none")
    assert page.evaluate("document.documentElement.lang") == tag, screen
    assert page.evaluate("document.querySelectorAll('main').length") == 1, screen
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]))")
    assert levels.count(1) == 1, screen
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels)), screen


@pytest.mark.seldom_on_postgresql("pages for which nothing is looked up")
@pytest.mark.parametrize("tag", NAMES)
def test_the_pages_apart_are_clean(browser: Browser, site: Site, tag: str) -> None:
    with browser.new_context(locale=tag) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        sign_in(page, site, said=partial(read, language_of(tag)))
        for path in PATHS:
            page.goto(f"{site.address}/{path}")
            expect(page.locator("h1")).to_be_visible()
            look(page, path, tag)


@pytest.mark.seldom_on_postgresql("a file of its own")
def test_the_verifier_is_clean(page: Page) -> None:
    open_page(page)
    look(page, "verifier", "en")
