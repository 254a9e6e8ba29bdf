"""What a one-time link looks like, and what is said of one that was damaged on the way (C-18)."""

from __future__ import annotations

import pytest

from application.credentials import Credentials
from application.credentials.links import AROUND, TOKEN_LENGTH, LinkDamaged, link_token
from application.words.language import ENGLISH
from application.words.refusals import sentence

TOKEN = "x_-9" * 10 + "abc"
LINK = f"https://licenses.example.com/password#{TOKEN}"


def test_every_link_that_is_made_is_of_the_form(credentials: Credentials) -> None:
    for _ in range(200):
        token = credentials.make_link("an account", 1)
        assert link_token(f"https://licenses.example.com/password#{token}") == token


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        TOKEN,
        f"#{TOKEN}",
        f"  {LINK}\r\n",
        f"<{LINK}>",
        f"“{LINK}”.",
        f"({LINK}),",
        f"{LINK[:50]}\n{LINK[50:]}",
        f"/password#{TOKEN}",
    ],
)
def test_what_a_mail_puts_around_a_link_is_taken_away(text: str) -> None:
    assert link_token(text) == TOKEN


def test_no_mark_around_a_link_can_be_of_its_token() -> None:
    assert not any(mark.isalnum() or mark in "-_" for mark in AROUND)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (LINK.partition("#")[0], "the part behind the “#” is missing"),
        (LINK.partition("#")[0] + "#", "the part behind the “#” is missing"),
        (LINK[:-1], "it has 42 characters behind the “#”, where a link has 43"),
        (LINK[:-40], "it has 3 characters behind the “#”, where a link has 43"),
        (LINK + "Best", "it has 47 characters behind the “#”, where a link has 43"),
        (LINK.replace("x_-9", "x_…9", 1), "it has the character “…” behind the “#”, which no link has there"),
        (LINK.replace("x_-9", "x_–9", 1), "it has the character “–” behind the “#”, which no link has there"),
        (LINK.replace("x_-9", "x_=9", 1), "it has the character “=” behind the “#”, which no link has there"),
        (LINK.replace("x_-9", "x%5F9", 1), "it has the character “%” behind the “#”, which no link has there"),
        (LINK[:-1] + "d", "a character behind the “#” was altered"),
        ("hello", "it has 5 characters behind the “#”, where a link has 43"),
    ],
)
def test_c18_a_damaged_link_says_what_is_wrong_with_it_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(LinkDamaged) as refused:
        link_token(text)
    said = sentence(refused.value, ENGLISH)
    assert f"no whole one-time link: {says}." in said
    assert "Copy it whole, to its last character, from where you got it, and paste it here" in said


def test_every_cut_off_link_is_said_to_be_cut_off() -> None:
    for length in range(TOKEN_LENGTH):
        with pytest.raises(LinkDamaged):
            link_token(LINK[: len(LINK) - TOKEN_LENGTH + length])
