"""Golden histories: logs written by earlier versions, which every later version must fold to the same view."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from application import answers
from application.log.mapper import AllowedTopicsMapper
from application.views.day_view import DayView
from application.views.entitlement import Entitlement, fold
from application.words import sentences
from application.words.language import ENGLISH
from domain.login import decide
from tests.application.stores import SQLiteStore
from tests.domain.test_events import FROZEN

HISTORIES = Path(__file__).parents[2] / "golden" / "histories"

DIGESTS = {"2026-11-first-version": "061105f71d3e1d50e89bd6d748d8837c25fc0b0b7667b1a810dbfcf32645a048"}
"""SHA-256 of each history. A golden history is never edited; a new event or field comes with a new one."""


def stored_events(name: str) -> list[StoredEvent]:
    """The rows of a history: a line for each event, as it stood in the database."""
    rows = [json.loads(line) for line in (HISTORIES / f"{name}.jsonl").read_text().splitlines()]
    return [
        StoredEvent(UUID(row["installation"]), row["position"], row["topic"], row["state"].encode()) for row in rows
    ]


def in_plain_values(view: Entitlement, days: list[str]) -> dict[str, Any]:
    """Everything that DESIGN.md says is derived from the log, without what a version keeps for its own comfort."""
    return {
        "installation": answers.of_installation(DayView(view, view.day)),
        "users": {
            key: {"login_name": u.login_name, "administrator_since": u.administrator_since, "deleted": u.is_deleted}
            for key, u in sorted(view.users.items())
        },
        "auditors": {
            key: {"name": a.name, "since": a.since, "removed": a.is_removed} for key, a in sorted(view.auditors.items())
        },
        "tokens": {
            t.token_id: {"name": t.name, "scopes": list(t.scopes), "digest": t.digest, "revoked": t.is_revoked}
            | {"expires_on": t.expires_on and t.expires_on.isoformat(), "created_on": t.created_on.isoformat()}
            for t in sorted(view.tokens.values())
        },
        "alarms": [[alarm.position, type(alarm.event).__name__, alarm.day.isoformat()] for alarm in view.alarms],
        "days": {
            day: {
                "license": answers.of_standing(view.schedule.on(date.fromisoformat(day)), view.in_use),
                "optional_products": list(view.schedule.on(date.fromisoformat(day)).products_in_use),
                "warnings": [
                    warned.code for warned in sentences.of_warnings(DayView(view, date.fromisoformat(day)), ENGLISH)
                ],
                "logins": {
                    key: [*map(str, (made.decision, made.code))]
                    for key in sorted(view.users)
                    for made in [decide(DayView(view, date.fromisoformat(day)), key)]
                },
            }
            for day in days
        },
    }


@pytest.mark.parametrize("name", DIGESTS)
def test_a_golden_history_was_never_edited(name: str) -> None:
    assert hashlib.sha256((HISTORIES / f"{name}.jsonl").read_bytes()).hexdigest() == DIGESTS[name]


def test_the_golden_histories_have_every_event_with_every_field() -> None:
    seen: dict[str, set[str]] = {}
    for name in DIGESTS:
        for stored in stored_events(name):
            fields = set(json.loads(stored.state)) - {"timestamp", "originator_topic", "by", "command_id", "day"}
            seen.setdefault(stored.topic.removeprefix("seatledger:"), set()).update(fields)
    assert seen == {event: set(fields.split()) for event, fields in FROZEN.items()}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_golden_history_folds_to_the_view_that_it_always_gave(name: str) -> None:
    expected = json.loads((HISTORIES / f"{name}.view.json").read_text())
    mapper = AllowedTopicsMapper.plain()
    events = [mapper.to_domain_event(stored) for stored in stored_events(name)]
    for position, view in expected.items():
        folded = fold(None, events[: int(position)])
        assert folded is not None
        assert in_plain_values(folded, list(view["days"])) == view


@pytest.mark.parametrize("name", DIGESTS)
def test_a_golden_history_in_a_database_is_gone_on_with(stores: SQLiteStore, name: str) -> None:
    """The rows come from an earlier version; this one reads them and adds to them."""
    licensing, history = stores.open(), stored_events(name)
    licensing._acting.recorder.insert_events(history)
    installation_id = UUID(str(history[0].originator_id))
    before = licensing.now(installation_id).view
    assert before.position == len(history)
    licensing.add_user(installation_id, "newcomer", by="cli:tester")
    assert licensing.now(installation_id).view.in_use == before.in_use + 1


@pytest.mark.parametrize("name", DIGESTS)
def test_what_this_version_stores_of_a_golden_event_is_the_same_text(name: str) -> None:
    """Else the leaves of a history made again would differ, and old versions could not read new logs."""
    mapper = AllowedTopicsMapper.plain()
    for stored in stored_events(name):
        assert mapper.to_stored_event(mapper.to_domain_event(stored)) == stored
