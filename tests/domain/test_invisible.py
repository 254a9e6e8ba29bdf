"""Characters that nobody sees: which they are, and that no name has one."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from domain.installation import Installation
from domain.invisible import DEFAULT_IGNORABLE, LOOKS_EMPTY, is_invisible, is_overlooked
from domain.login_name import login_key, shown, valid_login_name, valid_text
from domain.refusals import LoginNameInvalid, TextInvalid, UnknownUser
from tests.domain.installations import an_installation, at, view_of
from tests.refused import refused

NOW = at("2026-04-01")

PREPENDED = (*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD)
"""Prepended_Concatenation_Mark: of class Cf, and yet seen."""

OTHERS = {
    0x034F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x2065,
    0x3164,
    0xFFA0,
    *range(0xFFF0, 0xFFF9),
    *range(0xE0000, 0xE1000),
}
"""Other_Default_Ignorable_Code_Point, which unicodedata does not have either."""

ONE_OF_EACH_RANGE = [chr(code) for ends in DEFAULT_IGNORABLE for code in sorted(set(ends))]
LOOKALIKES = [
    *ONE_OF_EACH_RANGE,
    *sorted(LOOKS_EMPTY),
    "\ufe0f",
    "\ufe00",
    "\U000e0061",
    "\U000e01ef",
    "\u200d",
    "\u2060",
]


def derived(code: int) -> bool:
    """The property as UAX #44 derives it, from what unicodedata knows."""
    character = chr(code)
    if code in OTHERS:
        return True
    is_selector = "VARIATION SELECTOR" in unicodedata.name(character, "")
    is_seen = code in PREPENDED or 0xFFF9 <= code <= 0xFFFB or 0x13430 <= code <= 0x13440
    return (unicodedata.category(character) == "Cf" and not is_seen) or is_selector


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the list is of Unicode 14")
def test_the_list_is_what_unicodes_own_derivation_gives() -> None:
    listed = {code for first, last in DEFAULT_IGNORABLE for code in range(first, last + 1)}
    assert len(listed) == 4174, "the total that DerivedCoreProperties.txt says"
    assert listed == {code for code in range(sys.maxunicode + 1) if derived(code)}


def test_the_ranges_are_in_order_and_apart() -> None:
    ends = [end for pair in DEFAULT_IGNORABLE for end in pair]
    assert ends == sorted(ends)


@pytest.mark.parametrize("character", LOOKALIKES, ids=ascii)
@pytest.mark.parametrize("place", ["{}alice", "al{}ice", "alice{}", "{}", "山{}田", "{0}{0}{0}"])
def test_s11_no_name_has_a_character_that_nobody_sees(character: str, place: str) -> None:
    name = place.format(character)
    with refused(LoginNameInvalid, r"an invisible character \(U\+"):
        valid_login_name(name)
    for what in ("installation_name", "product_name", "token_name"):
        with refused(TextInvalid, r"an invisible character \(U\+"):
            valid_text(name, what=what)


@pytest.mark.parametrize("character", LOOKALIKES, ids=ascii)
def test_s11_a_question_about_such_a_name_finds_nobody_and_shows_where_it_is(character: str) -> None:
    installation = an_installation("alice")
    name = f"al{character}ice"
    assert view_of(installation).user(name) is None
    assert shown(name) == "al\N{REPLACEMENT CHARACTER}ice"
    with refused(UnknownUser, "al\N{REPLACEMENT CHARACTER}ice"):
        installation.delete_user(name, stamp=NOW)


@pytest.mark.parametrize("character", LOOKALIKES, ids=ascii)
def test_s11_a_name_stored_before_this_rule_still_folds_and_can_be_deleted(character: str) -> None:
    """The rule is the command's; a replay never asks it."""
    installation = an_installation()
    name = f"al{character}ice"
    installation._record(
        Installation.UserAdded,
        NOW,
        user_id="9b7c5b0e-0000-4000-8000-000000000000",
        login_name=name,
        login_key=login_key(name),
        administrator=False,
    )
    user = view_of(installation).user(name)
    assert user is not None
    assert user.login_name == name
    installation.delete_user(name, stamp=NOW)
    assert view_of(installation).in_use == 1


@pytest.mark.parametrize("text", ["é", "ß", "山田", "😀", "👩", "a b", "à\u0301", "क्ष", "ﷺ", "e\u0301"])
def test_what_one_sees_is_no_matter(text: str) -> None:
    assert not any(map(is_invisible, text))


def test_every_character_of_the_property_is_invisible() -> None:
    for first, last in DEFAULT_IGNORABLE:
        assert all(is_invisible(chr(code)) and is_overlooked(chr(code)) for code in range(first, last + 1))
