"""Columns of a terminal: nothing wider than it, nothing lost, names of every script."""

from __future__ import annotations

import pytest

from interface.cli.columns import broken, columns
from interface.cli.output import width_of

ROWS = [
    ["POSITION", "WHAT"],
    ["1", "root added the user “alice” and, some time later, again another one"],
    ["2-4006", "山田太郎さんが山田太郎さんが山田太郎さんが山田太郎さんが山田太郎さんが"],
    ["", "a-word-without-any-blank-in-it-that-no-line-can-hold-at-all"],
]


@pytest.mark.parametrize("width", [1, 2, 20, 33, 34, 60, 200])
def test_nothing_is_wider_than_the_terminal_and_nothing_is_lost(width: int) -> None:
    lines = list(columns(ROWS, width))
    assert max(map(width_of, lines)) <= max(width, 4)  # what is wide takes two columns, behind two blanks
    assert "".join("".join(lines).split()) == "".join("".join(map("".join, ROWS)).split())


def test_the_last_cell_goes_on_below_itself() -> None:
    assert list(columns(ROWS[:2], 40)) == [
        "POSITION  WHAT",
        "1         root added the user “alice”",
        "          and, some time later, again",
        "          another one",
    ]


def test_in_a_narrow_terminal_it_stands_below_the_others() -> None:
    assert list(columns(ROWS[:2], 30))[:4] == ["POSITION", "  WHAT", "1", "  root added the user “alice”"]


def test_without_a_width_every_row_is_one_line() -> None:
    assert list(columns(ROWS, None))[1] == f"1         {ROWS[1][1]}"
    assert len(list(columns(ROWS, None))) == len(ROWS)


def test_no_name_steers_a_terminal() -> None:
    assert list(columns([["1", "a\x1b[31m\nb\u202ec"]], None)) == ["1  a\\u001b[31m\\nb\\u202ec"]


def test_an_empty_text_is_an_empty_line() -> None:
    assert list(broken("", 10)) == [""]
