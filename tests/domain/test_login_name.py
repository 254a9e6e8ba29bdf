"""Login names of hostile length: what no login name can be costs nothing to look up."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date

import pytest

from application.views.day_view import DayView
from application.views.user_list import UserList
from domain.login import decide
from domain.login_name import MAX_LENGTH, login_key, valid_login_name
from domain.refusals import LoginNameInvalid, UnknownUser
from tests.domain.installations import an_installation, at, view_of
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


FILLERS = [" ", "\N{NO-BREAK SPACE}", "\t", "\u3000", "\u200b", "\u3164", "\N{COMBINING ACUTE ACCENT}", "a", ".", "/"]


@pytest.mark.parametrize("filler", FILLERS, ids=ascii)
@pytest.mark.parametrize("length", [796, 800, 801, 900, 4_000, 60_000])
def test_s11_a_name_that_is_too_long_is_never_cut_into_that_of_somebody(filler: str, length: int) -> None:
    """Neither what stands behind it nor what stands before it is left out."""
    installation = an_installation("alice")
    for name in (
        "alice" + filler * length + "mallory",
        "mallory" + filler * length + "alice",
        "alice" + filler * length + "x",
    ):
        assert login_key(name) != "alice"
        assert decide(DayView(view_of(installation), date(2026, 4, 1)), name).code == "unknown_user"
        with pytest.raises(LoginNameInvalid):
            valid_login_name(name)
        with pytest.raises(UnknownUser):
            installation.delete_user(name, stamp=at("2026-04-01"))
        assert UserList().page(view_of(installation), search=name).users == []


def test_s11_two_names_that_are_too_long_are_two() -> None:
    assert login_key("x" * 900 + "a") != login_key("x" * 900 + "b")


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
    assert longest == 0, "what is too long is not normalized at all"
    login_key("\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 400)
    assert 0 < longest < 1_000
