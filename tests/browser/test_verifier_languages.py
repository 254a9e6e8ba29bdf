"""docs/verify.html in the reader's language: what the browser asks for, and what the switch on the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.verifier_page import open_page

PAGE = Path(__file__).parents[2] / "docs" / "verify.html"
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
    meaning = page.locator("#sentences [lang=ja]")
    expect(meaning).to_have_count(1 if other == "ja" else 0)
    if other == "ja":
        expect(meaning).to_contain_text("。")
    assert page.locator("#lines").inner_text() == lines, "the report is that of the Python file, in every language"
    assert len(asked) == 1
    context.close()


def test_every_finding_of_the_page_has_its_meaning_in_japanese() -> None:
    text = PAGE.read_text(encoding="utf-8")
    codes = set(re.findall(r'Finding\(\s*"([a-z_]+)"', text))
    (listed,) = re.findall(r"FINDINGS_IN_JAPANESE = {\n(.*?)\n};", text, re.DOTALL)
    meanings = dict(re.findall(r'^  ([a-z_]+): "(.+)",$', listed, re.MULTILINE))
    assert len(codes) > 20
    assert codes <= set(meanings)
    assert all(meaning.endswith("。") for meaning in meanings.values())
