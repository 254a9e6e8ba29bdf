"""The history: pages of events, filtered, each with what it changed, and the calendar's lines between them."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple, TypedDict
from uuid import UUID

from application.log.mapper import PREFIX
from application.log.stored import EventReader, StoredEvent
from application.views.calendar import CalendarLine, calendar_lines
from application.views.entitlement import Entitlement
from domain.installation import Installation
from domain.login_name import shown
from domain.refusals import Problem, Refused

EVENTS = tuple(
    name
    for name, event in vars(Installation).items()
    if isinstance(event, type) and issubclass(event, Installation.Event) and name not in ("Event", "Created")
)
"""The names of all events."""


AS_IN_THE_LOG = ("user:", "auditor:", "token:", "cli:")
"""How whoever did something is spelled in an event."""


class Looked(TypedDict):
    """What a reader looks for: the topics of events, other events by their position, and texts in their state."""

    topics: list[str]
    also: list[int]
    containing: list[str]


class FilterUnknown(Refused):
    """The history was asked for an event, a person or a day that cannot be."""

    code = "unknown_filter"

    @property
    def says(self) -> str:
        return f"{self.code}.{self.facts['what']}"


@dataclass(frozen=True)
class Filter:
    """Which events are wanted: of these kinds, about or by these accounts, on these days (both inclusive).

    `also` are the positions of events that are wanted beside those of the kinds.
    """

    events: tuple[str, ...] = ()
    also: frozenset[int] = frozenset()
    about: str | None = None
    by: str | None = None
    first_day: date | None = None
    last_day: date | None = None

    @classmethod
    def of(
        cls,
        view: Entitlement,
        *,
        event: str | None = None,
        login_name: str | None = None,
        by: str | None = None,
        first_day: date | None = None,
        last_day: date | None = None,
    ) -> Filter:
        """A filter from what people type: `by` is a login name, an auditor's name, or as in the log (`cli:root`).

        Raises FilterUnknown for a name or an event that there never was, and for days in the wrong order.
        """
        if event and event not in EVENTS:
            raise FilterUnknown(what="event", problem=Problem("no_such_event", event=shown(event)))
        if first_day and last_day and first_day > last_day:
            raise FilterUnknown(what="days", problem=Problem("days_turned_round", first=first_day, last=last_day))
        return cls(
            events=(event,) if event else (),
            about=_about(view, login_name) if login_name else None,
            by=_by(view, by) if by else None,
            first_day=first_day,
            last_day=last_day,
        )

    @property
    def is_empty(self) -> bool:
        return self == Filter()

    @property
    def for_reader(self) -> Looked:
        """What the database can look for by itself, before any event is decoded."""
        # As JSON spells it in a stored state: a name of the command line may hold quotes or backslashes.
        texts = [json.dumps(text, ensure_ascii=False)[1:-1] for text in (self.about, self.by) if text]
        topics = [f"{PREFIX}{event}" for event in self.events]
        return {"topics": topics, "also": sorted(self.also), "containing": texts}

    def fits(self, entry: HistoryEntry) -> bool:
        return (
            (not self.events or entry.kind in self.events or entry.position in self.also)
            and self.by in (None, entry.by)
            and (self.about is None or self.about in vars(entry.event).values())
            and (self.first_day is None or entry.day >= self.first_day)
            and (self.last_day is None or entry.day <= self.last_day)
        )


class HistoryEntry(NamedTuple):
    """An event as the history shows it; it stays an event until it is answered or told."""

    event: Installation.Event

    def __repr__(self) -> str:
        """Without the event's fields, among which a license key may stand: nobody logs one by accident."""
        return f"HistoryEntry({self.position}, {self.kind})"

    @property
    def position(self) -> int:
        return self.event.originator_version

    @property
    def recorded_at(self) -> datetime:
        return self.event.timestamp

    @property
    def day(self) -> date:
        return date.fromisoformat(self.event.day)

    @property
    def kind(self) -> str:
        """The event's name, as filters and answers spell it."""
        return type(self.event).__name__

    @property
    def by(self) -> str:
        return self.event.by

    @property
    def command_id(self) -> str:
        return self.event.command_id

    @property
    def fields(self) -> dict[str, object]:  # object: JSON, as an event's fields are
        """The event's own fields, without the license key's text: plain values, as answers give them."""
        return {name: value for name, value in vars(self.event).items() if name not in _STAMP}


_STAMP = frozenset(
    ("originator_id", "originator_version", "originator_topic", "timestamp", "by", "command_id", "day", "key_text")
)


class Effect(NamedTuple):
    """What an event changed: Valid, In use and edition before it and after it, on its own day.

    For a corrected clock, before it is on the day that was wrong.
    """

    valid: tuple[int, int]
    in_use: tuple[int, int]
    edition: tuple[str | None, str | None]


class HistoryLine(NamedTuple):
    """One line of the history that people read: an event, or what the calendar alone did, with its effect."""

    day: date
    entry: HistoryEntry | None = None
    effect: Effect | None = None
    calendar: CalendarLine | None = None


class HistoryPage(NamedTuple):
    """Lines, the newest first; `before` is the position below which the next page begins, None at the end."""

    lines: list[HistoryLine]
    before: int | None


InUseAt = Callable[[int], int]
"""In use after the event at a position; 0 before the first."""


class History:
    """Reads the history of one installation up to the position of a view, on a reader of its own."""

    def __init__(
        self, reader: EventReader, to_domain_event: Callable[[StoredEvent], Installation.Event], view: Entitlement
    ) -> None:
        self._reader = reader
        self._to_domain_event = to_domain_event
        self._view = view

    def after(self, position: int, *, limit: int, only: Filter) -> list[HistoryEntry]:
        """At most `limit` fitting events at positions after `position`, oldest first."""
        first, last = self._bounds(only)
        stored = self._reader.events(self._id, after=max(position, first), upto=last, **only.for_reader)
        return list(islice(self._fitting(stored, only), limit))

    def before(self, position: int | None, *, limit: int, only: Filter, today: date, in_use_at: InUseAt) -> HistoryPage:
        """At most `limit` fitting events at positions before `position` (None: all), newest first, with their effects.

        Between the events stands what the calendar brought about up to `today`, unless events are filtered by
        their kind or by people.
        """
        upto = self._view.position if position is None else min(position - 1, self._view.position)
        first, last = self._bounds(only)
        last = min(upto, last)
        stored = self._reader.events(self._id, after=first, upto=last, newest_first=True, **only.for_reader)
        fitting = list(islice(self._fitting(stored, only), limit + 1))
        entries, more = fitting[:limit], len(fitting) > limit
        lines = [HistoryLine(entry.day, entry, self._effect(entry, in_use_at)) for entry in entries]
        lowest = entries[-1].position if more else 0
        if not only.events and only.about is None and only.by is None:
            calendar = [
                line
                for line in calendar_lines(self._view, today)
                if lowest <= line.after <= upto
                and (only.first_day is None or line.day >= only.first_day)
                and (only.last_day is None or line.day <= only.last_day)
            ]
            lines = _merged(lines, calendar)
        return HistoryPage(lines, lowest if more else None)

    def newest(self, before: int | None, *, limit: int, only: Filter) -> list[HistoryEntry]:
        """At most `limit` fitting events at positions before `before` (None: all), newest first, and nothing else."""
        first, last = self._bounds(only)
        upto = last if before is None else min(last, before - 1)
        stored = self._reader.events(self._id, after=first, upto=upto, newest_first=True, **only.for_reader)
        return list(islice(self._fitting(stored, only), limit))

    @property
    def _id(self) -> UUID:
        return self._view.installation_id

    def _bounds(self, only: Filter) -> tuple[int, int]:
        """All events on the days of `only` stand after the first position given, and not after the last."""
        first, last, before = self._view.position, 0, 0
        for entry in reversed(list(self._view.days)):
            fits_first = only.first_day is None or entry.day >= only.first_day
            fits_last = only.last_day is None or entry.day <= only.last_day
            if fits_first and fits_last:
                first, last = min(first, before), max(last, entry.position)
            before = entry.position
        return first, last

    def _fitting(self, stored: Iterator[StoredEvent], only: Filter) -> Iterator[HistoryEntry]:
        for event in stored:
            entry = HistoryEntry(self._to_domain_event(event))
            if only.fits(entry):
                yield entry

    def _effect(self, entry: HistoryEntry, in_use_at: InUseAt) -> Effect:
        day_before = self._day_before(entry) if isinstance(entry.event, Installation.ClockCorrected) else entry.day
        before = self._standing_at(entry.position - 1, day_before)
        after = self._standing_at(entry.position, entry.day)
        return Effect(
            (before[0], after[0]), (in_use_at(entry.position - 1), in_use_at(entry.position)), (before[1], after[1])
        )

    def _day_before(self, entry: HistoryEntry) -> date:
        """The day of the event before, if it is another one."""
        return next((end.day for end in self._view.days if end.position < entry.position), entry.day)

    def _standing_at(self, position: int, day: date) -> tuple[int, str | None]:
        chapters = self._view.chapters
        number = bisect_right(chapters, position, key=lambda chapter: chapter.position)
        if number == 0:
            return 0, None
        standing = chapters[number - 1].schedule.on(day)
        return standing.valid, standing.edition


def _merged(lines: list[HistoryLine], calendar: list[CalendarLine]) -> list[HistoryLine]:
    """Both kinds of lines, newest first: a calendar's line stands right after (above) the event it follows."""
    keyed = [((line.entry.position, 0), line) for line in lines if line.entry]
    for number, one in enumerate(calendar):
        effect = Effect(one.valid, (0, 0), one.edition)  # by the calendar alone, In use stays what it was
        keyed.append(((one.after, number + 1), HistoryLine(one.day, effect=effect, calendar=one)))
    return [line for _, line in sorted(keyed, key=lambda item: item[0], reverse=True)]


def _about(view: Entitlement, name: str) -> str:
    account_id = view.account_id(name)
    if account_id is None:
        raise FilterUnknown(what="login_name", problem=Problem("never_anybody", name=shown(name)))
    return account_id


def _by(view: Entitlement, name: str) -> str:
    account_id = view.account_id(name)
    if account_id is not None:
        return f"{'user' if view.user_by_id(account_id) else 'auditor'}:{account_id}"
    if name.startswith(AS_IN_THE_LOG):
        return name
    raise FilterUnknown(what="by", problem=Problem("never_anybody_did", name=shown(name)))
