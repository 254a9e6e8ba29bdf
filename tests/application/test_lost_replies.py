"""A commit whose reply is lost: the log is asked for the command, and nobody guesses (tests/faults has real cuts)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, PersistenceError, StoredEvent

from application.log.failures import OutcomeUnknown, ReplyLost
from tests.refused import refused
from tests.world import World

Insert = Callable[[Sequence[StoredEvent]], object]  # object: whatever a recorder gives


def lose_replies(house: World, monkeypatch: pytest.MonkeyPatch, error: Exception, *, storing: bool) -> None:
    """What is inserted from now on ends in this error, after it was stored or without."""
    recorder = house.licensing._acting.recorder
    insert: Insert = recorder.insert_events

    def insert_and_fail(stored_events: Sequence[StoredEvent], **_: object) -> None:
        if storing:
            insert(stored_events)
        raise error

    monkeypatch.setattr(recorder, "insert_events", insert_and_fail)


@pytest.mark.parametrize("error", [IntegrityError("UNIQUE"), ReplyLost("cut")], ids=["retried", "lost"])
def test_what_was_stored_is_acknowledged_once(house: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    lose_replies(house, monkeypatch, error, storing=True)
    command_id = uuid4()
    house.do("add_user", "ann", command_id=command_id)
    monkeypatch.undo()
    house.add("ben")
    added = [entry for entry in house.entries if entry.command_id == str(command_id)]
    assert [entry.kind for entry in added] == ["UserAdded"]
    assert house.view.in_use == 3


def test_what_nobody_knows_is_said_to_be_unknown(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_replies(house, monkeypatch, ReplyLost("cut"), storing=False)
    with refused(OutcomeUnknown, "not known"):
        house.add("ann")
    monkeypatch.undo()
    house.add("ann")
    assert house.view.in_use == 2


def test_after_a_conflict_nobody_guesses_while_the_log_cannot_be_asked(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conflict may be with the command itself, which a retry stored."""
    lose_replies(house, monkeypatch, IntegrityError("UNIQUE"), storing=True)

    def fail(*_: object, **__: object) -> None:
        raise PersistenceError("gone")

    monkeypatch.setattr(house.licensing._acting.recorder, "select_events", fail)
    with refused(OutcomeUnknown, "not known"):
        house.add("ann")
    monkeypatch.undo()
    assert house.view.user("ann"), "it was stored"
