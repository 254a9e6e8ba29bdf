"""License, History and the audit on A4, in each language: nothing to press, nothing cut, each sheet named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screens import sign_in
from tests.browser.server import Site, serving
from tests.browser.year import DAYS, tell

ON_PAPER = """() => {
  const shown = [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden"));
  const named = (element) => `${element.tagName}.${element.className}`;
  return {
    pressed: shown.filter((element) => element.matches("nav, button, .btn, input, select, textarea")).map(named),
    cut: shown.filter((element) => !element.closest("svg")
      && element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map(named),
  };
}"""
"""What of a page on paper could be pressed, and what hangs over its edge."""

WORDS = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const words = [];
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode;
    if (element.checkVisibility() && !element.closest(".visually-hidden, svg")) words.push(...data.split(/\\s+/));
  }
  return words;
}"""

UPRIGHT, WIDE = {"width": 680, "height": 985}, {"width": 1008, "height": 650}
"""What a sheet holds between its margins, in CSS pixels."""

SCREENS = (
    ("license", UPRIGHT),
    ("license/keys", WIDE),
    ("audit/history?login_name=anna.berg", UPRIGHT),
    ("audit/history", UPRIGHT),
    ("audit/overview", UPRIGHT),
    ("audit/license?position=40&login_name=admin", UPRIGHT),
)

FOLDED = re.compile(r"\s+")


@pytest.mark.seldom_on_postgresql("what pages look like on paper")
def test_what_is_printed_is_whole_and_every_sheet_is_named(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path, opened_days_ago=DAYS) as site:
        tell(site.house)
        name, position = site.house.view.name, site.house.view.position
        sign_in(page, site, "vera")
        for tag in ("en", "ja"):
            for path, size in SCREENS:
                sheets = sheets_of(page, site, f"{path}{'&' if '?' in path else '?'}lang={tag}", size, tmp_path)
                for number, sheet in enumerate(sheets, 1):
                    foot = FOLDED.sub("", sheet)
                    assert f"{number}/{len(sheets)}" in foot, path
                    assert FOLDED.sub("", name) in foot, path
                    assert str(40 if "position" in path else position) in foot, path


@pytest.mark.seldom_on_postgresql("what pages look like on paper")
def test_a_table_that_is_open_is_printed_with_its_head_on_each_sheet(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path, opened_days_ago=DAYS) as site:
        tell(site.house)
        sign_in(page, site, "vera")
        sheets = sheets_of(page, site, "license", UPRIGHT, tmp_path, opened="The numbers of this picture")
    with_rows = [sheet for sheet in sheets if re.search(r"^ *\d{4}-\d\d-\d\d +\d+ +\d+ +−?\d+$", sheet, re.MULTILINE)]
    assert len(with_rows) > 1
    for sheet in with_rows:
        assert re.search(r"^ *From +Valid +In use +Available$", sheet, re.MULTILINE), sheet


def sheets_of(
    page: Page, site: Site, path: str, size: dict[str, int], directory: Path, *, opened: str = ""
) -> list[str]:
    """The text of each sheet; whoever looks at a dark screen prints on white paper, and everything that is shown."""
    page.emulate_media(media="screen", color_scheme="dark")
    page.goto(f"{site.address}/{path}")
    expect(page.locator("footer")).to_be_visible()
    if opened:
        page.get_by_text(opened, exact=True).click()
    page.emulate_media(media="print")
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a dictionary of these two
    assert page.evaluate(ON_PAPER) == {"pressed": [], "cut": []}, path
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", path
    file = directory / f"{FOLDED.sub('', path).replace('/', '-').replace('?', '-')}.pdf"
    file.write_bytes(page.pdf(prefer_css_page_size=True))
    sheets = _texts(file, "-layout")
    everything = FOLDED.sub("", "".join([*sheets, *_texts(file, "-raw")]))
    words = page.evaluate(WORDS)
    assert [word for word in words if not _is_there(word, everything)] == [], path
    return sheets


def _is_there(word: str, everything: str) -> bool:
    """Whether a word is on paper; a long one, and Japanese, may go on in the next line, behind what stands beside."""
    return all(part in everything for part in re.findall(r"[ -~]{1,16}|[^ -~]{1,6}", word))


def _texts(file: Path, order: str) -> list[str]:
    command = ["pdftotext", order, str(file), "-"]
    text = subprocess.run(command, check=True, capture_output=True).stdout
    return text.decode().split("\f")[:-1]
