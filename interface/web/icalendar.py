"""A calendar as a text that calendar programs subscribe to (iCalendar, RFC 5545 and RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from unicodedata import category
from uuid import UUID

from domain.license import Period

MEDIA_TYPE = "text/calendar; charset=utf-8"

PRODUCT = "-//Seatledger//Renewals//EN"

LONGEST = 75
"""Octets of a line, without its end; what is longer goes on after a line break and a blank (RFC 5545, 3.1)."""

ASKED_AGAIN = "PT12H"
"""How long a calendar program is told to wait until it asks again: days change once a day."""


class Event(NamedTuple):
    """Something on whole days; `uid` is its own for ever, so that a program that asks again finds it again."""

    uid: UUID
    days: Period
    summary: str
    description: str


def text_of(name: str, events: Iterable[Event], revised_on: date) -> bytes:
    """The calendar of this name. `revised_on` is the day on which it last changed; with the same, it is the same."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",  # as programs want it that are older than RFC 7986
        f"REFRESH-INTERVAL;VALUE=DURATION:{ASKED_AGAIN}",
        f"X-PUBLISHED-TTL:{ASKED_AGAIN}",
    ]
    stamp = datetime.combine(revised_on, time(), UTC).strftime("%Y%m%dT%H%M%SZ")
    for event in events:
        lines += _lines_of(event, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _lines_of(event: Event, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{_day(event.days.start)}"
    yield f"DTEND;VALUE=DATE:{_day(event.days.last_day + timedelta(days=1))}"  # the first day that is not in it
    yield f"SUMMARY:{_text(event.summary)}"
    yield f"DESCRIPTION:{_text(event.description)}"
    yield "TRANSP:TRANSPARENT"  # nobody is busy by it
    yield "END:VEVENT"


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"  # strftime writes early years with fewer digits


def _text(value: str) -> str:
    """A value of the type TEXT (RFC 5545, 3.3.11): no control character stands in it, a line break as two letters."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = ("".join(" " if category(each) == "Cc" else each for each in line) for line in escaped.splitlines())
    return "\\n".join(lines)


def _folded(line: str) -> bytes:
    """A line with its end, in pieces of at most 75 octets, of which none cuts a character."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > LONGEST:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join((*pieces, piece)) + b"\r\n"
