"""docs/ja/audit.md says what docs/audit.md says: the same commands, codes and rows; what it names stands on screens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from application.words.languages import language_of

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"en": DOCS / "audit.md", "ja": DOCS / "ja" / "audit.md"}


def text(tag: str) -> str:
    return PAGES[tag].read_text(encoding="utf-8")


def sections(tag: str) -> list[str]:
    return re.split(r"^## ", text(tag), flags=re.MULTILINE)


def test_the_commands_are_the_same_lines_and_what_they_print_too() -> None:
    """So that the test which runs those of the English page has run these."""

    def blocks(tag: str) -> list[str]:
        return re.findall(r"^(?:<!-- not run: [^\n]+ -->\n)?```.*?^```$", text(tag), re.MULTILINE | re.DOTALL)

    assert blocks("ja") == blocks("en")
    assert len(blocks("ja")) > 10


def test_section_by_section_the_same_codes_stand_in_as_many_rows() -> None:
    def told(section: str) -> tuple[list[str], list[str], int]:
        """What is written as code in no order, the codes that begin rows in theirs, and how many rows there are."""
        prose = re.sub(r"^```.*?^```$", "", section, flags=re.MULTILINE | re.DOTALL)
        rows = re.findall(r"^\| (`[^`]+`|[a-z]+_[a-z_]+(?= \|))", prose, re.MULTILINE)
        return sorted(re.findall(r"`[^`]+`", prose)), rows, len(re.findall(r"^\|", prose, re.MULTILINE))

    assert [told(section) for section in sections("ja")] == [told(section) for section in sections("en")]


def test_what_is_to_be_pressed_is_called_as_on_the_screens() -> None:
    say = language_of("ja").catalog.gettext
    for name in (
        *("Take checkpoint", "Download export", "Download the names (CSV)", "As it was then", "License keys"),
        *("Every event by itself", "Check a login name as of then", "Done by", "Calendar"),
    ):
        assert re.search(rf"\*{re.escape(say(name))}\*", text("ja")), name
    assert {f"{say('Audit')} > {say(name)}" for name in ("Overview", "History", "As it was then")} <= set(
        re.findall(r"\*\*(監査 > [^*]+)\*\*", text("ja"))
    )


def test_what_is_to_be_pressed_in_the_verifier_is_called_as_there() -> None:
    page = (DOCS / "verify.html").read_text(encoding="utf-8")
    for name in ("Verify", "Copy the report"):
        (said,) = re.findall(rf'^  "{name}": "(.+)",$', page, re.MULTILINE)
        assert f"*{name}*" in text("en")
        assert f"*{said}*" in text("ja")


@pytest.mark.parametrize(("tag", "other"), [("en", "ja/audit.md"), ("ja", "../audit.md")])
def test_they_lead_to_each_other(tag: str, other: str) -> None:
    assert f"]({other})" in text(tag).partition("\n## ")[0]
    assert f"]({PAGES[tag].relative_to(DOCS.parent).as_posix()})" in (DOCS.parent / "README.md").read_text("utf-8")
