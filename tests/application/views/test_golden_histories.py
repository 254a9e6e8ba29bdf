"""Golden histories: logs written by earlier versions, which every later version must fold to the same view."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from application.log.mapper import AllowedTopicsMapper, StoredWithName
from application.log.sealing import MEMBER, SEALED, unseal
from application.views.day_view import DayView
from application.views.entitlement import Entitlement, fold
from application.words import sentences
from application.words.language import ENGLISH
from domain.installation import Installation
from domain.license import Period
from domain.login import decide
from tests.domain.test_events import every_field
from tests.world import World

HISTORIES = Path(__file__).parents[2] / "golden" / "histories"

DIGESTS = {
    "2026-11-version-1": "92e82ae9dff5955a4496c54c64371d9ddf577560fdd8012e11c5ef4ab1dfd577",
}
"""SHA-256 of each history. A golden history is never edited; a new event or field comes with a new one."""


def keys_of(name: str, ids: list[str]) -> dict[str, bytes]:
    """The keys of people in a history, as they stood beside it; those of erased people are gone."""
    keys = json.loads((HISTORIES / f"{name}.keys.json").read_text())
    return {id_: bytes.fromhex(keys[id_]) for id_ in ids if id_ in keys}


def a_mapper(name: str) -> AllowedTopicsMapper:
    return AllowedTopicsMapper(partial(keys_of, name))


def stored_events(name: str) -> list[StoredEvent]:
    """The rows of a history: a line for each event, as it stood in the database."""
    rows = [json.loads(line) for line in (HISTORIES / f"{name}.jsonl").read_text().splitlines()]
    return [
        StoredEvent(UUID(row["installation"]), row["position"], row["topic"], row["state"].encode()) for row in rows
    ]


class Record(dict[str, Any]):
    """Something with named members; of these, only those that a vector has are compared with it."""


def on_the_members_of(vector: Any, value: Any) -> Any:
    """The value without those members of its records that the vector does not know, being older than they are.

    Everything else must be the same: what is keyed by a name or an id has exactly the keys of the vector, and a member
    that the vector has is never missing.
    """
    match value:
        case Record():
            known = vector if isinstance(vector, dict) else {}
            return {name: on_the_members_of(known[name], each) for name, each in value.items() if name in known}
        case dict():
            known = vector if isinstance(vector, dict) else {}
            return {key: on_the_members_of(known.get(key), each) for key, each in value.items()}
    return value


# The golden view, spelled by hand: what DESIGN.md says is derived from the log. The shapes of the API are not asked.


def golden_view(view: Entitlement, days: list[str]) -> Record:
    return Record(
        installation=Record(
            installation_id=str(view.installation_id),
            name=view.name,
            product=view.product,
            time_zone=view.time_zone,
            license=golden_license(DayView(view, view.day)),
            checked_on=view.day.isoformat(),
            position=view.position,
        ),
        users={
            id_: Record(
                login_name=u.login_name,
                login_key=u.login_key,
                administrator_since=u.administrator_since,
                deleted=u.is_deleted,
            )
            for id_, u in view.users.items()
        },
        auditors={id_: Record(name=a.name, since=a.since, removed=a.is_removed) for id_, a in view.auditors.items()},
        operators={id_: Record(name=o.name, since=o.since) for id_, o in view.operators.items()},
        names=dict(view.names.items()),
        tokens={
            t.token_id: Record(
                name=t.name,
                scopes=list(t.scopes),
                digest=t.digest,
                revoked=t.is_revoked,
                expires_on=text_of(t.expires_on),
                created_on=text_of(t.created_on),
            )
            for t in view.tokens.values()
        },
        alarms=[[alarm.position, type(alarm.event).__name__, alarm.day.isoformat()] for alarm in view.alarms],
        days={day: golden_day(DayView(view, date.fromisoformat(day))) for day in days},
    )


def golden_day(on_day: DayView) -> Record:
    return Record(
        license=golden_license(on_day),
        optional_products=list(on_day.standing.products_in_use),
        warnings=[warned.code for warned in sentences.of_warnings(on_day, ENGLISH)],
        logins={key: [str(made.decision), made.code] for key in on_day.view.names for made in [decide(on_day, key)]},
    )


def golden_license(on_day: DayView) -> Record:
    standing, waiting = on_day.standing, on_day.standing.next
    return Record(
        edition=standing.edition,
        valid=standing.valid,
        in_use=on_day.in_use,
        available=on_day.available,
        license_period=golden_period(standing.license_period, on_day.day),
        maintenance_period=golden_period(standing.maintenance, on_day.day),
        covered_until=text_of(standing.covered_until),
        next=waiting
        and Record(
            edition=waiting.license.edition,
            valid=waiting.license.licenses,
            license_period=golden_period(waiting.license.license_period, on_day.day),
            maintenance_period=golden_period(waiting.license.maintenance_period, on_day.day),
            optional_products=list(waiting.license.optional_products),
            starts_on=text_of(waiting.effect_day),
        ),
    )


def golden_period(period: Period | None, day: date) -> Record | None:
    if period is None:
        return None
    return Record(
        start=text_of(period.start),
        end=text_of(period.end),
        status=str(period.status(day)),
        days_left=period.days_left(day),
    )


def text_of(day: date | None) -> str | None:
    return day.isoformat() if day else None


@pytest.mark.parametrize("name", DIGESTS)
def test_a_golden_history_was_never_edited(name: str) -> None:
    assert hashlib.sha256((HISTORIES / f"{name}.jsonl").read_bytes()).hexdigest() == DIGESTS[name]


def kind_of(stored: StoredEvent) -> str:
    return stored.topic.removeprefix("seatledger:")


def test_the_golden_histories_have_every_event_with_every_field() -> None:
    seen: dict[str, set[str]] = {}
    for name in DIGESTS:
        for stored in stored_events(name):
            fields = set(json.loads(stored.state)) - {"timestamp", "originator_topic", "by", "command_id", "day"}
            kind = kind_of(stored)
            if MEMBER in fields:
                fields = fields - {MEMBER} | {SEALED[kind].name, "login_key"}
            seen.setdefault(kind, set()).update(fields)
    assert seen == every_field()


@pytest.mark.parametrize("name", DIGESTS)
def test_a_golden_history_folds_to_the_view_that_it_always_gave(name: str) -> None:
    expected = json.loads((HISTORIES / f"{name}.view.json").read_text())
    events = list(a_mapper(name).to_domain_events(stored_events(name)))
    for position, view in expected.items():
        folded = fold(None, events[: int(position)])
        assert folded is not None
        assert on_the_members_of(view, golden_view(folded, list(view["days"]))) == view


def test_comparing_on_the_members_of_a_vector_forgives_nothing_but_new_members() -> None:
    vector = {"users": {"ann": {"login_name": "Ann", "since": None}}, "next": None}

    def same(**view: Any) -> bool:
        return bool(on_the_members_of(vector, Record(view)) == vector)

    ann = Record(login_name="Ann", since=None)
    assert same(users={"ann": ann}, next=None)
    assert same(users={"ann": Record(ann, reseller="new")}, next=None, new=1)
    assert not same(users={"ann": Record(login_name="Ann")}, next=None)
    assert not same(users={"ann": Record(ann, since=7)}, next=None)
    assert not same(users={"ann": ann, "ben": ann}, next=None)
    assert not same(users={}, next=None)
    assert not same(users={"ann": ann}, next=Record(edition="A"))
    assert not same(users={"ann": ann})


@pytest.mark.parametrize("name", DIGESTS)
def test_a_golden_history_in_a_database_is_gone_on_with(world: World, name: str) -> None:
    """The rows come from an earlier version; this one reads them and adds to them."""
    licensing, history = world.licensing, stored_events(name)
    licensing._acting.recorder.insert_events(history)
    ids = [
        json.loads(stored.state).get(SEALED[kind].account_id)
        for stored in history
        if (kind := kind_of(stored)) in SEALED
    ]
    for id_, key in keys_of(name, ids).items():
        world.sql("INSERT INTO person_keys VALUES (?, ?)", id_, key)
    installation_id = UUID(str(history[0].originator_id))
    before = licensing.now(installation_id).view
    assert before.position == len(history)
    licensing.add_user(installation_id, "newcomer", by="cli:tester")
    assert licensing.now(installation_id).view.in_use == before.in_use + 1


@pytest.mark.parametrize("name", DIGESTS)
def test_what_this_version_stores_of_a_golden_event_is_the_same_text(name: str) -> None:
    """Else the leaves of a history made again would differ, and old versions could not read new logs.

    A sealed name has a nonce of its own each time; all around it is the same, and so is what it opens to.
    """
    mapper, history = a_mapper(name), stored_events(name)
    for stored, event in zip(history, mapper.to_domain_events(history), strict=True):
        if isinstance(event, NAMING) and not event.login_key:
            continue  # an erased person has no key to seal anything with
        again = mapper.to_stored_event(event)
        assert (again.topic, without_name(again.state)) == (stored.topic, without_name(stored.state))
        if isinstance(again, StoredWithName):
            sealed = json.loads(again.state)[MEMBER]
            assert unseal(again.person_key, again.account_id, sealed)[1] == vars(event)["login_key"]


NAMING = tuple(getattr(Installation, kind) for kind in SEALED)


def without_name(state: bytes) -> bytes:
    return re.sub(rb'"sealed_name":"[^"]*"', b"", state)
