"""An installation as its export tells it: verified first, then asked as the installation itself would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import BinaryIO, NamedTuple
from uuid import UUID

from application.clock import Clock
from application.log.failures import NoInstallation
from application.log.mapper import AllowedTopicsMapper
from application.proof.exported_events import ExportedEvents, Places
from application.proof.verify_export import Finding, Report, verify
from application.views.day_view import DayView
from application.views.history import Filter, History, HistoryEntry
from application.views.history_lines import HistoryLines, HistoryPage
from application.views.license_keys import KeyLine, license_keys
from application.views.newest import NewestView
from application.views.replay import Replay
from domain.refusals import Refused


class ExportUnsound(Refused):
    """An export is not answered from: its verification found something wrong, which the facts name."""

    code = "export_unsound"


class OwnEvidence(NamedTuple):
    """What an auditor brings along; what is None is taken from the export, or not compared."""

    kept_checkpoint: Sequence[str] | None = None
    log_keys: Sequence[str] | None = None
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
        if replay.state() != report.state and report.finding is None:
            raise Finding("other_state", "The replayed events give another state than the export says.", report.events)
    except Finding as finding:
        earlier = report.finding
        if earlier is None or (earlier.position is not None and (finding.position or 0) < earlier.position):
            report.finding = finding
    return report


class Exported:
    """Answers from an export. Its present is its end: without another question, it tells of its newest event's day."""

    def __init__(
        self, stream: BinaryIO, own: OwnEvidence, clock: Clock, progress: Callable[[int], None] | None = None
    ) -> None:
        """Verify the export in `stream`, which stays open and can be read again. Raises ExportUnsound."""
        self._clock = clock
        places = Places(stream)
        self.report = verify_and_replay(stream, own, progress, places)
        if self.report.finding is not None:
            raise ExportUnsound(finding_code=self.report.finding.code, finding=str(self.report.finding))
        if places.installation_id is None:
            raise NoInstallation
        self._events = ExportedEvents(stream, places)
        self._read_events = AllowedTopicsMapper().to_domain_events
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
        history = History(self._events, self._read_events, self._newest.now())
        return history.after(after, limit=limit, only=only)

    def _lines(self) -> HistoryLines:
        """Up to the day of the newest event."""
        now = self.now()
        return HistoryLines(self._events, self._read_events, now.view, now.day, self._newest)
