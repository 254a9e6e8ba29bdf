"""docs/verify.html in the reader's language: what the browser asks for, and what the switch on the page says."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.verifier_page import open_page

EXPORT = Path(__file__).parents[1] / "golden/exports/version-1/export"

WORDS = {
    "en": ("Verify an audit export", "Audit export", "Verify", "Something is wrong at position 23"),
    "ja": ("監査エクスポートの検証", "監査エクスポート", "検証", "問題があります（位置23）"),
}


@pytest.mark.sqlite_alone("it asks no database")
@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_it_speaks_the_language_of_the_browser_and_then_that_of_the_switch(browser: Browser, locale: str) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page)
    own = locale[:2]
    other = "ja" if own == "en" else "en"
    heading, label, button, verdict = WORDS[own]
    expect(page.locator("html")).to_have_attribute("lang", own)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.get_by_label(label, exact=True).set_input_files(EXPORT)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#verdict")).to_have_text(verdict)
    lines = page.locator("#lines").inner_text()

    page.get_by_role("button", name={"en": "English", "ja": "日本語"}[other], exact=True).click()
    heading, label, button, verdict = WORDS[other]
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
    expect(page.locator("#verdict")).to_have_text(verdict)
    assert page.locator("#lines").inner_text() == lines, "the report is that of the Python file, in every language"
    assert len(asked) == 1
    context.close()
