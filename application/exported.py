"""An installation as its export tells it: verified first, then asked as the installation itself would be."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO, NamedTuple
from uuid import UUID

import orjson

from application.clock import Clock
from application.log.failures import NoInstallation
from application.log.mapper import PREFIX, AllowedTopicsMapper
from application.log.sealing import SEALED
from application.log.stored import StoredEvent
from application.proof.exported_events import ExportedEvents, Places
from application.proof.verify_export import Finding, Report, verify
from application.views.day_view import DayView
from application.views.history import Filter, History, HistoryEntry
from application.views.history_lines import HistoryLines, HistoryPage
from application.views.license_keys import KeyLine, license_keys
from application.views.newest import NewestView
from application.views.replay import Replay
from application.words.names_sheet import Names
from domain.installation import Installation
from domain.login_name import erased_name, login_key
from domain.refusals import Refused


class ExportUnsound(Refused):
    """An export is not answered from: its verification found something wrong, which the facts name."""

    code = "export_unsound"


class OwnEvidence(NamedTuple):
    """What an auditor brings along, as `verify` takes it; what is missing is the export's own, or not compared."""

    kept_checkpoints: Sequence[Sequence[str]] = ()
    """The notes of each file."""
    log_keys: Sequence[str] | None = None
    old_log_keys: Sequence[str] = ()
    keyring: bytes | None = None


def verify_and_replay(
    stream: BinaryIO,
    own: OwnEvidence,
    progress: Callable[[int], None] | None = None,
    places: Places | None = None,
) -> Report:
    """Everything that can be asked of an export: what `verify` does, and that the events give the state that it shows.

    `places` notes where its events stand. Replaying goes in steps; so an event that cannot be replayed may come before
    what was found meanwhile.
    """
    replay = Replay(AllowedTopicsMapper())

    def on_event(position: int, originator_id: str, topic: str, state: bytes) -> None:
        replay.event(position, originator_id, topic, state)
        if places is not None:
            places.event(position, originator_id)

    report = verify(stream, **own._asdict(), on_event=on_event, progress=progress)
    try:
        if replay.state() != report.state and report.is_whole:
            raise Finding("other_state", "The replayed events give another state than the export says.", report.events)
    except Finding as finding:
        earlier = report.finding
        is_first = earlier is None or (earlier.position is not None and (finding.position or 0) < earlier.position)
        if is_first or report.is_whole:
            report.finding = finding
    return report


class Exported:
    """Answers from an export. Its present is its end: without another question, it tells of its newest event's day."""

    def __init__(
        self,
        stream: BinaryIO,
        own: OwnEvidence,
        clock: Clock,
        progress: Callable[[int], None] | None = None,
        names: Names | None = None,
    ) -> None:
        """Verify the export in `stream`, which stays open and can be read again. Raises ExportUnsound.

        One whose only fault is a vendor's anchor is answered from: what it holds now, it has held to its end. People
        are called by their names if `names` has them, else by their id (P4).
        """
        self._clock = clock
        places = Places(stream)
        self.report = verify_and_replay(stream, own, progress, places)
        if self.report.finding is not None and not self.report.is_whole:
            raise ExportUnsound(finding_code=self.report.finding.code, finding=str(self.report.finding))
        if places.installation_id is None:
            raise NoInstallation
        self._events = ExportedEvents(stream, places)
        naming = self._events.events(places.installation_id, topics=_NAMING)
        self._read_events = AllowedTopicsMapper(name_of=_NamesThen(names or {}, naming).name_of).to_domain_events
        # No registration contradicts its license key: that would have been a finding.
        self._newest = NewestView(lambda: self._events, self._read_events, places.installation_id)

    @property
    def installation_id(self) -> UUID:
        return self._newest.now().installation_id

    def now(self) -> DayView:
        """After the newest event of the export, on its day."""
        view = self._newest.now()
        return DayView(view, view.day)

    def on(self, day: date) -> DayView:
        """On a day from that of the newest event on, if nothing else happened until then. Raises DayBeforeEvent."""
        return self.at(self.now().position, day)

    def at(self, position: int, day: date | None = None) -> DayView:
        """After the event at `position`, on its day or a later one. Raises NotThatOld, DayBeforeEvent."""
        return self._newest.on_day_at(position, day)

    def as_of(self, when: datetime | date) -> DayView:
        """At a moment, or at the end of a day in the installation's time zone. Raises NotThatOld, NotYet, DayNeverWas.

        The export cannot know of what was recorded after its newest event.
        """
        return self._newest.on_day_as_of(when, self._clock())

    def license_keys(self, on_day: DayView) -> list[KeyLine]:
        """Every license key that was registered, as it is on that day, in the order of their registration."""
        return license_keys(self._newest.registrations(), on_day)

    def history_backwards(self, *, before: int | None, limit: int, only: Filter, one_by_one: bool) -> HistoryPage:
        """The history as people read it, newest first, before a position (None: all)."""
        return self._lines().before(before, limit=limit, only=only, one_by_one=one_by_one)

    def history_onwards(self, *, after: int, limit: int, only: Filter, one_by_one: bool) -> HistoryPage:
        """The history as people read it, oldest first, after a position."""
        return self._lines().after(after, limit=limit, only=only, one_by_one=one_by_one)

    def history(self, *, after: int, limit: int, only: Filter) -> list[HistoryEntry]:
        """The wanted events at the positions after `after`, oldest first, at most `limit` of them."""
        history = History(self._events, self._read_events, self._newest.now(), self._newest.people)
        return history.after(after, limit=limit, only=only)

    def _lines(self) -> HistoryLines:
        """Up to the day of the newest event."""
        now = self.now()
        return HistoryLines(self._events, self._read_events, now.view, now.day, self._newest)


class _NamesThen:
    """Which name each event gives: the first one of a person the first of their names, and so on (U8)."""

    def __init__(self, names: Names, naming: Iterable[StoredEvent]) -> None:
        self._names = names
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        self._erased: set[str] = set()
        for event in naming:
            state = orjson.loads(event.state)
            if event.topic == Installation.PersonErased.TOPIC:
                self._erased.add(state["account_id"])
            else:
                account_id = state[SEALED[event.topic.removeprefix(PREFIX)].account_id]
                self._positions[account_id].append(event.originator_version)

    def name_of(self, account_id: str, position: int) -> tuple[str, str]:
        """A name and its login key; of an erased person as everywhere, of others without a name the id (P2, P4)."""
        if account_id in self._erased:
            return erased_name(account_id), ""
        names = self._names.get(account_id, (account_id,))
        number = bisect_left(self._positions[account_id], position)
        name = names[min(number, len(names) - 1)]
        return name, login_key(name)


_NAMING = [*(f"{PREFIX}{kind}" for kind in SEALED), Installation.PersonErased.TOPIC]
"""The topics of the events that give people their names, and take them for ever."""
