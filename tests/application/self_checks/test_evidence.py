"""S-5, S-8: a license is in force only as the vendor signed it; a retired signing key locks nobody out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.license_keys import Keyring, VerificationKey
from application.log.mapper import AllowedTopicsMapper
from application.log.stored import StoredEvent
from application.proof.verify_export import leaf
from application.views.entitlement import fold
from application.watched_views import Views
from application.words.history import of_alarm
from application.words.language import ENGLISH
from tests.application.audited import NOT_YET_REVOKED
from tests.domain.installations import an_installation, register
from tests.examples import KEYRING, KID, OTHER_INSTALLATION_ID, REVOKED_KID, REVOKED_SIGNING_KEY, SIGNING_KEY, a_key
from tests.world import World

REGISTERED = "seatledger:LicenseRegistered"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path).open() as installation:
        installation.register(licenses=3)
        installation.add("alice")
        yield installation


def started_again(one: World) -> World:
    """The same database in a new process: its view is folded from nothing."""
    return one.another_process()


def forge(one: World, **fields: Any) -> int:
    """Append a copy of the registration with other fields and its own leaf, as somebody with the file can."""
    with one.attacker() as connection:
        state = json.loads(
            connection.execute("SELECT state FROM stored_events WHERE topic = ?", (REGISTERED,)).fetchone()[0]
        )
        position = connection.execute("SELECT max(originator_version) + 1 FROM stored_events").fetchone()[0]
        stored = json.dumps({**state, **fields}).encode()
        connection.execute("INSERT INTO stored_events VALUES (?, ?, ?, ?)", (one.id.hex, position, REGISTERED, stored))
        hashed = leaf(one.id, position, REGISTERED, stored)
        connection.execute("INSERT INTO merkle_leaves VALUES (?, ?, ?)", (one.id.hex, position, hashed))
    return int(position)


FOREIGN = Ed25519PrivateKey.generate()

FORGERIES: list[tuple[str, Callable[[], dict[str, Any]]]] = [
    ("evidence_says_otherwise", lambda: {"licenses": 100}),
    ("evidence_says_otherwise", lambda: {"license_end": None}),
    ("evidence_says_otherwise", lambda: {"optional_products": ["Analytics", "Mobile"]}),
    ("evidence_says_otherwise", lambda: {"other_claims": {"x_reseller": "me"}}),
    ("evidence_says_otherwise", lambda: {"issued_at": 1}),
    ("evidence_says_otherwise", lambda: {"fingerprint": "ab" * 32}),
    ("evidence_says_otherwise", lambda: {"signing_key_id": "another"}),
    ("evidence_says_otherwise", lambda: {"license_start": "the first of May"}),
    ("evidence_no_license_key", lambda: {"key_text": ""}),
    ("evidence_no_license_key", lambda: {"key_text": None}),
    ("evidence_no_license_key", lambda: {"key_text": "License Key: nothing"}),
    ("evidence_signature_unfit", lambda: as_registered(a_key(licenses=100, signing_key=FOREIGN))),
    ("evidence_for_another", lambda: as_registered(a_key(licenses=100, audience=OTHER_INSTALLATION_ID))),
    ("evidence_for_another", lambda: as_registered(a_key(licenses=100, product="another"))),
]


def as_registered(text: str) -> dict[str, Any]:
    """The fields of an event that says exactly what the key says, whoever signed it."""
    from application.license_keys import read_unverified
    from domain.license import LicenseKey, fields_of_key

    read = read_unverified(text)
    return fields_of_key(LicenseKey(read.text, read.fingerprint, read.signing_key_id, read.license))


@pytest.mark.parametrize(("code", "fields"), FORGERIES)
@pytest.mark.parametrize("is_running", [False, True], ids=["at a start", "in a running server"])
def test_a_contradicted_license_is_not_in_force_and_an_alarm(
    one: World, code: str, fields: Callable[[], dict[str, Any]], is_running: bool
) -> None:
    position = forge(one, **fields())
    asked = one if is_running else started_again(one)
    now = asked.licensing.now(one.id)
    assert (now.position, now.valid) == (position, 3)
    assert [(alarm.position, type(alarm.event).__name__) for alarm in now.view.alarms] == [
        (position, "LicenseRegistered")
    ]
    assert f"Event {position}" in of_alarm(now.view.alarms[0], ENGLISH)
    verdicts = dict(asked.licensing.views.registrations(one.id))
    assert verdicts[position].is_contradicted
    assert verdicts[position].problem is not None
    assert verdicts[position].problem.code == code
    assert [verdict.problem for at, verdict in verdicts.items() if at != position] == [None]


def test_earlier_views_know_it_too(one: World) -> None:
    position = forge(one, licenses=100)
    one.add("bob")
    for asked in (one, started_again(one)):
        assert asked.licensing.at(one.id, position).valid == 3


def test_a_key_registered_while_the_keyring_was_exchanged_for_a_minute(one: World) -> None:
    one.trust(Keyring([VerificationKey(KID, FOREIGN.public_key())]))
    one.register(a_key(licenses=100, signing_key=FOREIGN, issued_at=int(one.clock().timestamp())))
    assert one.licensing.now(one.id).valid == 100
    one.trust(KEYRING)
    assert started_again(one).licensing.now(one.id).valid == 3
    # The server that runs on has judged it by the keyring of then, until its self-checks look again.
    assert one.licensing.now(one.id).valid == 100
    one.licensing.views.registrations(one.id)
    assert one.licensing.now(one.id).valid == 3


def test_a_signing_key_that_was_retired_locks_nobody_out_and_is_named(one: World) -> None:
    one.trust(Keyring([VerificationKey("next-2027", FOREIGN.public_key())]))
    again = started_again(one)
    assert again.licensing.now(one.id).valid == 3
    ((_, verdict),) = again.licensing.views.registrations(one.id)
    assert not verdict.is_contradicted
    assert verdict.problem is not None
    assert (verdict.problem.code, verdict.problem.facts) == ("signing_key_gone", {"kid": KID})


def test_a_revoked_key_still_speaks_for_what_was_registered_before(one: World) -> None:
    one.trust(NOT_YET_REVOKED)
    one.register(licenses=5, signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID)
    one.trust(KEYRING)
    again = started_again(one)
    assert again.licensing.now(one.id).valid == 5
    assert [verdict.problem for _, verdict in again.licensing.views.registrations(one.id)] == [None, None]


def test_a_keyring_that_cannot_be_read_locks_nobody_out_and_claims_are_compared_all_the_same(one: World) -> None:
    forge(one, licenses=100)

    def unreadable() -> Any:
        raise OSError

    acting = one.licensing._acting
    views = Views(one.licensing._log, acting.mapper.to_domain_events, unreadable, one.clock)
    assert views.of(one.id).now().schedule.on(one.clock().date()).valid == 3
    views.close()


def test_a_keyring_that_is_away_for_a_moment_puts_nothing_back_into_force(
    one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = forge(one, **as_registered(a_key(licenses=100, signing_key=FOREIGN)))
    assert one.licensing.now(one.id).valid == 3
    monkeypatch.setattr(Views, "keyring", lambda _: None)
    one.licensing.views.registrations(one.id)
    assert one.licensing.now(one.id).valid == 3
    assert one.licensing.views.of(one.id).contradicted == {position}


def test_no_login_check_judges_again(one: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for a registration, when it is folded; then questions are answered from what is known."""
    from application import watched_views

    one.check("alice")
    judged: list[int] = []
    real = watched_views.verdict_of

    def counted(registered: Any, *others: Any) -> Any:
        judged.append(registered.originator_version)
        return real(registered, *others)

    monkeypatch.setattr(watched_views, "verdict_of", counted)
    for _ in range(20):
        one.check("alice")
    one.add("bob")
    one.check("bob")
    assert judged == []
    one.register(licenses=4)
    for _ in range(20):
        one.check("bob")
        one.licensing.at(one.id, 3)
    assert judged == [one.size()]


def test_the_fold_is_told_and_asks_nobody() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", licenses=3)
    events = list(installation.pending_events)
    trusted, doubted = fold(None, events), fold(None, events, {3})
    assert trusted is not None
    assert doubted is not None
    assert (len(trusted.schedule.turns), len(doubted.schedule.turns)) == (1, 0)
    assert [alarm.position for alarm in doubted.alarms] == [3]
    assert doubted == fold(fold(None, events[:2], {3}), events[2:], {3})


def test_what_is_stored_is_compared_as_it_is_read(one: World) -> None:
    """An event is judged after the store, not before: the mapper's reading of it is what is in force."""
    mapper = AllowedTopicsMapper(one.licensing._acting.people.keys_of)
    with one.attacker() as connection:
        rows = connection.execute("SELECT originator_version, topic, state FROM stored_events").fetchall()
    events = [mapper.to_domain_event(StoredEvent(one.id, *row)) for row in rows]
    assert SIGNING_KEY.public_key() == KEYRING.get(KID).public_key  # type: ignore[union-attr]  # it is there
    assert fold(None, events) == one.licensing.now(one.id).view
