"""The history: pages of events, filtered, as programs read them."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple, TypedDict

from application.log.mapper import PREFIX, ReadEvents
from application.log.stored import EventReader
from application.views.entitlement import Entitlement
from application.views.people_index import PeopleIndex
from domain.installation import Installation
from domain.login_name import shown
from domain.refusals import Problem, Refused

EVENTS = tuple(
    name
    for name, event in vars(Installation).items()
    if isinstance(event, type) and issubclass(event, Installation.Event) and name not in ("Event", "Created")
)
"""The names of all events."""


AS_IN_THE_LOG = ("user:", "auditor:", "token:", "operator:", "server")
"""How whoever did something is spelled in an event."""


COMMAND_LINE = "cli:"
"""Before a name: who gives commands on the machine is meant, and nobody else of that name."""


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
    by: frozenset[str] = frozenset()
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
        """A filter from what people type: `by` is the name of users, auditors and operators, or as in the log.

        Raises FilterUnknown for a name or an event that there never was, and for days in the wrong order.
        """
        if event and event not in EVENTS:
            raise FilterUnknown(what="event", problem=Problem("no_such_event", event=shown(event)))
        if first_day and last_day and first_day > last_day:
            raise FilterUnknown(what="days", problem=Problem("days_turned_round", first=first_day, last=last_day))
        return cls(
            events=(event,) if event else (),
            about=_about(view, login_name) if login_name else None,
            by=_by(view, by) if by else frozenset(),
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
        sought = (self.about, *(self.by if len(self.by) == 1 else ()))
        texts = [json.dumps(text, ensure_ascii=False)[1:-1] for text in sought if text]
        topics = [f"{PREFIX}{event}" for event in self.events]
        return {"topics": topics, "also": sorted(self.also), "containing": texts}

    def fits(self, entry: HistoryEntry) -> bool:
        return (
            (not self.events or entry.kind in self.events or entry.position in self.also)
            and (not self.by or entry.by in self.by)
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


class History:
    """Reads the history of one installation up to the position of a view, on a reader of its own."""

    def __init__(
        self, reader: EventReader, read_events: ReadEvents, view: Entitlement, people: PeopleIndex | None = None
    ) -> None:
        """`people` says where events may stand of those whom a filter names; without it, all are read for them."""
        self._reader = reader
        self._read_events = read_events
        self._view = view
        self._people = people or PeopleIndex()

    def after(self, position: int, *, limit: int, only: Filter) -> list[HistoryEntry]:
        """At most `limit` fitting events at positions after `position`, oldest first."""
        return list(islice(self.between(position, self._view.position, only), limit))

    def newest(self, before: int | None, *, limit: int, only: Filter) -> list[HistoryEntry]:
        """At most `limit` fitting events at positions before `before` (None: all), newest first."""
        upto = self._view.position if before is None else before - 1
        return list(islice(self.between(0, upto, only, newest_first=True), limit))

    def between(
        self, after: int, upto: int, only: Filter, *, newest_first: bool = False
    ) -> Generator[HistoryEntry, None, None]:
        """Every fitting event after the position `after` up to `upto`, one after the other as they are asked for."""
        first, last = self._bounds(only)
        runs = self._people.runs(
            max(after, first), min(upto, last), about=only.about, by=only.by, newest_first=newest_first
        )
        for start, end in runs:
            stored = self._reader.events(
                self._view.installation_id, after=start - 1, upto=end, newest_first=newest_first, **only.for_reader
            )
            for event in self._read_events(stored):
                entry = HistoryEntry(event)
                if only.fits(entry):
                    yield entry

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


def _about(view: Entitlement, name: str) -> str:
    account_id = view.account_id(name)
    if account_id is None:
        raise FilterUnknown(what="login_name", problem=Problem("never_anybody", name=shown(name)))
    return account_id


def _by(view: Entitlement, name: str) -> frozenset[str]:
    """Everybody of that name: the administrator root may be somebody else than root at the command line."""
    command_line = name.startswith(COMMAND_LINE)
    account_id = None if command_line else view.account_id(name)
    operator = view.operator(name.removeprefix(COMMAND_LINE))
    everybody = set()
    if account_id is not None:
        everybody.add(f"{'user' if account_id in view.users else 'auditor'}:{account_id}")
    if operator is not None:
        everybody.add(f"operator:{operator.operator_id}")
    if everybody:
        return frozenset(everybody)
    if name.startswith(AS_IN_THE_LOG):
        return frozenset({name})
    raise FilterUnknown(what="by", problem=Problem("never_anybody_did", name=shown(name)))
