"""Japanese: nothing is left in English, every fact is said, and words are those of the glossary."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click import __file__ as click_file

from application.words.language import CATALOGS, ENGLISH
from application.words.languages import NAMES, language_of, tag_in
from application.words.messages import message, plural
from domain.license import Period

DIRECTORY = CATALOGS / "ja" / "LC_MESSAGES"
JAPANESE = language_of("ja")


def catalog(name: str) -> list[Entry]:
    return [entry for entry in read_po(BytesIO((DIRECTORY / f"{name}.po").read_bytes())) if entry.id]


ENTRIES = catalog("seatledger")


def english(entry: Entry) -> str:
    return entry.id if isinstance(entry.id, str) else entry.id[1]


def japanese(entry: Entry) -> str:
    return entry.string if isinstance(entry.string, str) else entry.string[0]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_message_is_translated() -> None:
    template = read_po(BytesIO((CATALOGS / "seatledger.pot").read_bytes()))
    assert {entry.id for entry in ENTRIES} == {entry.id for entry in template if entry.id}, "run `make words`"
    assert [english(entry) for entry in ENTRIES if not japanese(entry).strip() or entry.fuzzy] == []


@pytest.mark.parametrize("name", ["seatledger", "click"])
def test_what_is_read_is_what_was_compiled(name: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO((DIRECTORY / f"{name}.po").read_bytes())))
    assert (DIRECTORY / f"{name}.mo").read_bytes() == compiled.getvalue(), "run `make words`"


def test_every_fact_is_said_and_none_is_invented() -> None:
    wrong = []
    for entry in ENTRIES:
        every = set().union(*map(placeholders, [entry.id] if isinstance(entry.id, str) else entry.id))
        if not placeholders(english(entry)) <= placeholders(japanese(entry)) <= every:
            wrong.append(english(entry))
    assert wrong == []


def test_the_layout_and_the_markup_of_a_text_are_kept() -> None:
    kept = re.compile(r"\n|</?[a-z]+|--[a-z][a-z-]+|SEATLEDGER_[A-Z_]+|docs/[a-z-]+\.md")
    wrong = [
        english(entry) for entry in ENTRIES if set(kept.findall(english(entry))) != set(kept.findall(japanese(entry)))
    ]
    assert wrong == []


def test_punctuation_is_japanese() -> None:
    """No English quotes, no blank beside a Japanese letter, full-width marks after one."""
    letter = "[぀-ヿ一-鿿]"
    wrong = re.compile(rf"[“”]|{letter}[,;:?!](?![/\w])|{letter} ?\.(?!\w)|{letter} {letter}")
    assert [japanese(entry) for entry in ENTRIES if wrong.search(japanese(entry))] == []


def test_days_counts_and_lists() -> None:
    say = JAPANESE.say
    assert JAPANESE.day(date(2026, 4, 1)) == "2026年4月1日"
    assert JAPANESE.period(Period(date(2026, 4, 1), date(2027, 3, 31))) == "2026年4月1日～2027年3月31日"
    assert JAPANESE.period(Period(date(2026, 4, 1), None)) == "2026年4月1日から無期限"
    moment = datetime(2026, 4, 1, 9, 5, 0, tzinfo=timezone(timedelta(hours=9)))
    assert JAPANESE.moment(moment) == "2026年4月1日 09:05:00+09:00"
    assert JAPANESE.moment(moment.astimezone(UTC)) == "2026年4月1日 00:05:00+00:00"
    assert JAPANESE.list(["あ", "い", "う"]) == "あ、い、う"
    assert say("{number}", number=12_345) == "12,345"
    assert JAPANESE.count(3, plural("{number} user", "{number} users")) == "ユーザー3人"


def test_a_day_that_is_to_be_typed_is_the_same_in_every_language() -> None:
    text = message("run “seatledger clock correct {today_typed}”, since today is {today}")
    assert JAPANESE.say(text, today=date(2026, 4, 1)) == text.format(today_typed="2026-04-01", today="2026年4月1日")
    assert ENGLISH.say(text, today=date(2026, 4, 1)) == text.format(today_typed="2026-04-01", today="2026-04-01")


def test_what_click_says_is_what_the_click_that_is_here_says() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(click_file).parent.glob("*.py"))
    said = re.sub(r'"\s*\n\s*"', "", source)
    assert [
        english(entry)
        for entry in catalog("click")
        if english(entry).replace("\n", "\\n").replace("\t", "\\t") not in said
    ] == []


@pytest.mark.parametrize(
    ("locale", "tag"),
    [
        ("ja_JP.UTF-8", "ja"),
        ("ja", "ja"),
        ("JA-jp", "ja"),
        ("en_GB.UTF-8", "en"),
        ("de_DE", None),
        ("C", None),
        ("", None),
    ],
)
def test_the_language_of_a_locale(locale: str, tag: str | None) -> None:
    assert tag_in(locale) == tag


def test_languages_call_themselves_as_their_speakers_do() -> None:
    assert dict(NAMES) == {"en": "English", "ja": "日本語"}
    assert {tag: language_of(tag).tag for tag in NAMES} == {tag: tag for tag in NAMES}
