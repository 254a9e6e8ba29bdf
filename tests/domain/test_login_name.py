"""Login names of hostile length: what no login name can be costs nothing to look up."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from domain.login_name import MAX_LENGTH, login_key, valid_login_name
from domain.refusals import LoginNameInvalid
from tests.refused import refused

A_NAME_OF_FOUR_CHARACTERS_EACH = unicodedata.normalize(
    "NFD", "\N{GREEK SMALL LETTER ALPHA WITH PSILI AND VARIA AND YPOGEGRAMMENI}" * MAX_LENGTH
)


def test_the_longest_spelling_of_the_longest_name_is_a_name() -> None:
    assert len(A_NAME_OF_FOUR_CHARACTERS_EACH) == 4 * MAX_LENGTH
    assert len(valid_login_name(A_NAME_OF_FOUR_CHARACTERS_EACH)) == MAX_LENGTH


def test_no_character_is_spelled_with_more_than_four() -> None:
    characters = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    for character in characters:
        composed, spelled = unicodedata.normalize("NFKC", character), unicodedata.normalize("NFD", character)
        assert len(spelled) <= 4 * len(composed)


def test_blanks_around_a_name_never_count() -> None:
    assert login_key(" " * 60_000 + "Alice" + "\t" * 60_000) == "alice"


def test_a_name_cut_short_is_nobodys() -> None:
    long = "a" * 100_000
    assert len(login_key(long)) > MAX_LENGTH
    with refused(LoginNameInvalid, "it has 100000 characters, and at most 200 are allowed"):
        valid_login_name(long)


def test_marks_in_the_worst_order_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorting them takes quadratic time: 1.4 s for what fits into one form field."""
    longest = 0
    normalize = unicodedata.normalize

    def watched(form: str, text: str) -> str:
        nonlocal longest
        longest = max(longest, len(text))
        return normalize(form, text)

    monkeypatch.setattr("domain.login_name.unicodedata.normalize", watched)
    login_key("\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 16_000)
    assert 0 < longest < 1_000
