"""The text of a calendar, as another library reads it, and by the letter of RFC 5545."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from domain.license import Period
from interface.web.icalendar import LONGEST, Event, text_of

UID = UUID("0b9e8d7c-6a5f-4e3d-8c2b-1a0f9e8d7c6b")
DAY = date(2027, 3, 31)
A_DAY = Period(DAY, DAY)

texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp")) | st.just("\n"))
"""What people may read: with line breaks, and with every mark that the format has a meaning for."""


def read(content: bytes) -> tuple[Calendar, list]:
    calendar = Calendar.from_ical(content)
    return calendar, list(calendar.walk("VEVENT"))


def test_another_library_reads_what_is_written() -> None:
    content = text_of(
        "License of A; B, C", [Event(UID, Period(DAY, date(2027, 4, 2)), "Renew", "By then.\nSoon.")], DAY
    )
    calendar, (event,) = read(content)
    assert (calendar["VERSION"], calendar["NAME"]) == ("2.0", r"License of A\; B\, C")  # it takes NAME as it stands
    assert event["UID"] == str(UID)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (DAY, date(2027, 4, 3)), "the end is not in it (RFC 5545, 3.6.1)"
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Renew", "By then.\nSoon.")
    assert event["DTSTAMP"].dt.isoformat() == "2027-03-31T00:00:00+00:00"
    assert not calendar.errors
    assert not event.errors
    assert content == text_of(
        "License of A; B, C", [Event(UID, Period(DAY, date(2027, 4, 2)), "Renew", "By then.\nSoon.")], DAY
    )


@settings(max_examples=40, deadline=None)
@given(texts, texts, texts)
def test_any_text_comes_back_as_it_was_and_no_line_is_too_long(name: str, summary: str, description: str) -> None:
    content = text_of(name, [Event(UID, A_DAY, summary, description)], DAY)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert not re.search(rb"[^\r]\n|\r[^\n]", content), "every line ends with CRLF, and nothing else does"
    for line in content.split(b"\r\n"):
        assert len(line) <= LONGEST
        line.decode()  # no character is cut
    _, (event,) = read(content)
    assert event["SUMMARY"] == as_lines(summary)
    assert event["DESCRIPTION"] == as_lines(description)


def as_lines(text: str) -> str:
    """The last line break ends a line, and begins none."""
    return "\n".join(text.splitlines())


@pytest.mark.parametrize("octets", range(60, 90))
def test_folding_at_each_place(octets: int) -> None:
    summary = "x" * octets + "äöü€𝄞" * 30
    _, (event,) = read(text_of("", [Event(UID, A_DAY, summary, "")], DAY))
    assert event["SUMMARY"] == summary


def test_no_control_character_writes_a_line_of_its_own() -> None:
    content = text_of("", [Event(UID, A_DAY, "a\r\nATTACH:https://evil.example\x00\x1b\x85b\u2028c", "")], DAY)
    assert b"\r\nATTACH" not in content
    _, (event,) = read(content)
    assert "ATTACH" not in event
    assert event["SUMMARY"] == "a\nATTACH:https://evil.example  \nb\nc"


def test_the_last_day_there_is_can_be_told() -> None:
    early = date(1, 1, 2)
    _, (event,) = read(text_of("", [Event(UID, Period(early, early), "early", "")], early))
    assert event["DTSTART"].dt == early
    assert event["DTEND"].dt == early + timedelta(days=1)
