"""The newest view of each installation, watched: what its registrations are worth, and whether its store went back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from application.clock import Clock
from application.license_keys import Keyring, LicenseKeys, Verdict, verdict_of
from application.log import Log
from application.log.mapper import ReadEvents
from application.log.stored import EventReader, nothing
from application.snapshots import ViewSnapshots
from application.views.folding import Folding, Judge, Registration
from application.views.newest import NewestView
from application.words.language import ENGLISH
from domain.license import License

logger = logging.getLogger("seatledger.licensing")


class Loss(NamedTuple):
    """The event at `position`, known before, was gone from the log at a moment, or altered in its place."""

    position: int
    is_altered: bool
    noticed_at: datetime


class SigningKey(NamedTuple):
    """The key that signed a license; without a thumbprint if the keyring of now does not have it."""

    key_id: str
    thumbprint: str | None


class Views:
    """Makes the newest view of an installation when it is first asked for, and keeps it."""

    def __init__(
        self,
        log: Log,
        read_events: ReadEvents,
        keys: Callable[[], LicenseKeys],
        clock: Clock,
        snapshots: ViewSnapshots | None = None,
    ) -> None:
        """`keys` gives the keyring of now."""
        self.snapshots = snapshots
        self._log, self._read_events = log, read_events
        self._keys, self._clock = keys, clock
        self._newest: dict[UUID, NewestView] = {}
        self._losses: dict[UUID, Loss] = {}
        self._lock = Lock()

    def of(self, id_: UUID) -> NewestView:
        newest = self._newest.get(id_)
        if newest is None:
            with self._lock:
                newest = self._newest.get(id_) or NewestView(
                    self._log.reader,
                    self._read_events,
                    id_,
                    contradicts=self._contradicts,
                    on_loss=lambda position, is_altered: self._note_loss(id_, position, is_altered),
                    clock=self._clock,
                    begin=partial(self._begin, id_),
                )
                self._newest[id_] = newest
        return newest

    def registrations(self, id_: UUID) -> list[tuple[int, Verdict]]:
        """The position of every registration, and what its license key and the keyring of now say of it.

        If that is not what the view was folded with (the keyring was exchanged since), it is folded anew.
        """
        newest = self.of(id_)
        registrations, keyring = newest.registrations(), self.keyring()
        verdicts = [(each.originator_version, verdict_of(each, newest.product, keyring)) for each in registrations]
        contradicted = {position for position, verdict in verdicts if verdict.is_contradicted}
        # Without a keyring no signature speaks: what one has refused before stays out of force.
        is_other = contradicted - newest.contradicted if keyring is None else contradicted ^ newest.contradicted
        if is_other:
            newest.fold_anew()
        return verdicts

    def signing_key(self, id_: UUID, license: License | None) -> SigningKey | None:
        """The key that signed this license; None if it is none that was registered here."""
        registrations = self.of(id_).registrations() if license else []
        for registration in registrations:
            if license and registration.key_id == license.key_id:
                keyring = self.keyring()
                key = keyring.get(registration.signing_key_id) if keyring else None
                return SigningKey(registration.signing_key_id, key.thumbprint if key else None)
        return None

    def loss(self, id_: UUID) -> Loss | None:
        """The newest loss that this process has seen; None if it has seen none."""
        return self._losses.get(id_)

    def _begin(self, id_: UUID, reader: EventReader, contradicts: Judge) -> Folding | None:
        return self.snapshots.open(id_, reader, self._read_events, contradicts) if self.snapshots else None

    def take_snapshot(self, id_: UUID, pause: Callable[[], None] = nothing) -> bool:
        """Take a snapshot of the newest view if it pays; gives whether it was kept. Raises Busy, StorageFailed."""
        if self.snapshots is None or not self.snapshots.is_due(id_, self.of(id_).now().position):
            return False
        return self.snapshots.take(id_, self.of(id_).stopped(), pause)

    def compare_snapshot(self, id_: UUID, pause: Callable[[], None]) -> bool:
        """Whether the snapshot says what the log does, if there is one; see ViewSnapshots.is_true."""
        if self.snapshots is None:
            return True
        with closing(self._log.reader()) as reader:
            return self.snapshots.is_true(id_, reader, self._read_events, pause)

    def close(self) -> None:
        for newest in self._newest.values():
            newest.close()

    def _contradicts(self, registration: Registration, product: str) -> bool:
        verdict = verdict_of(registration, product, self.keyring())
        if verdict.is_contradicted and verdict.problem is not None:
            text = ENGLISH.clause(verdict.problem)
            logger.error("The license of event %s is not in force: %s.", registration.originator_version, text)
        return verdict.is_contradicted

    def keyring(self) -> Keyring | None:
        """The keyring of now; None if it cannot be read."""
        try:
            return self._keys().keyring
        except Exception:  # whatever keeps it from being read must shut nobody out; the self-checks say what it is
            return None

    def _note_loss(self, id_: UUID, position: int, is_altered: bool) -> None:
        """Let nothing be recorded on top of what is gone; said once for an event, and not at every question."""
        before = self._losses.get(id_)
        if before is not None and before[:2] == (position, is_altered):
            return
        self._losses[id_] = Loss(position, is_altered, self._clock())
        if is_altered:
            logger.error("Event %s of %s was altered in its place.", position, id_)
        else:
            logger.error("Event %s of %s, known before, is gone: the store went back.", position, id_)
