"""docs/glossary.md: the catalog says every word of its table as the table does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.application.words.test_japanese import ENTRIES, english, japanese

PAGE = Path(__file__).parents[3] / "docs" / "glossary.md"
TABLE = PAGE.read_text(encoding="utf-8").partition("## In English and Japanese")[2]

NO_WORDS = re.compile(
    r"""\{[^}]*\}|<code>.*?</code>|`[^`]*`|<[^>]+>|“seatledger[^”]*”|[a-z]+://\S+|/api/\S+|\w+(?:\.\w+)+|\w+\.\*|--[a-z-]+
    |[a-z]+_[a-z_]+|[A-Z]+_[A-Z_]+""",
    re.VERBOSE,
)
"""Placeholders, tags, commands, addresses, names of files, codes, options: in no language."""

OTHERWISE = {
    "Import {number} users": "人 counts people, and the list of users stands above the button",
    "Import {number} users, {beyond} beyond the licenses": "the same",
    "This list is being imported, or was: {number} users of it so far. Check it again to see who is missing.": "so too",
    "User renamed": "what is changed is the login name, as the button says (ログイン名を変更)",
    "{number} administrators made ordinary users": "what is taken away is the administrator's right (管理者権限)",
    "{who} made the administrator “{whom}” an ordinary user": "the same",
    "{number} events wait": "配信待ち is said in the column of events",
}
"""Messages that say a word of the table otherwise, and why."""


class Word(NamedTuple):
    english: str
    japanese: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """A word of a screen, such as “In use”, is written as on the screen; any other also begins a sentence."""
        kind = re.NOFLAG if self.english[0].isupper() else re.IGNORECASE
        return bool(re.search(rf"\b{self.english}s?\b", text, kind))


WORDS = [
    Word(word, tuple(said.split(", ")))
    for word, said in re.findall(r"^\| (?!English|---)(.+?) \| (.+?) \|$", TABLE, re.MULTILINE)
]


def differing(word: Word) -> list[str]:
    """The messages that have the word in English; in Japanese neither its own nor the English one, as it is typed."""
    return [
        english(entry)
        for entry in ENTRIES
        if word.is_in(NO_WORDS.sub("", english(entry)))
        and not any(said in japanese(entry) for said in (*word.japanese, word.english))
    ]


@pytest.mark.parametrize("word", WORDS, ids=[word.english for word in WORDS])
def test_the_catalog_says_a_word_as_the_glossary_does(word: Word) -> None:
    assert [message for message in differing(word) if message not in OTHERWISE] == []


def test_every_word_is_read_by_somebody_and_every_exception_is_one() -> None:
    texts = [NO_WORDS.sub("", english(entry)) for entry in ENTRIES]
    assert [word.english for word in WORDS if not any(map(word.is_in, texts))] == []
    assert set(OTHERWISE) <= {message for word in WORDS for message in differing(word)}
    assert len(WORDS) > 50
