"""Audit > Overview: the log's state, checkpoints, the key, and the alarms on every Audit screen."""

from __future__ import annotations

from datetime import date

import pytest
from joserfc import jwk
from markupsafe import escape

from application.proof.verify_export import read_checkpoint, read_vkey, to_base64
from tests.database import alter_state
from tests.examples import KEYRING, KID, REVOKED_KID, a_key
from tests.interface.web.house import House, Visitor, text_of

OVERVIEW = "/audit/overview"
CHECKPOINT = f"{OVERVIEW}/checkpoint"
SCREENS = (OVERVIEW, "/audit/history", "/audit/license", "/audit/license?position=2", "/audit/users?position=2")


@pytest.fixture
def vera(house: House) -> Visitor:
    house.add_auditor("vera")
    return house.visitor("vera")


def test_an_auditor_takes_a_checkpoint_and_downloads_it(house: House, vera: Visitor) -> None:
    assert "Newest checkpoint None yet" in text_of(vera.get(OVERVIEW))
    assert vera.get(CHECKPOINT).status_code == 404
    events = house.events()
    page = vera.follow(vera.post(CHECKPOINT))
    assert "A checkpoint over 6 events was signed." in text_of(page)
    assert house.events() == events, "a checkpoint changes no event"

    (kept,) = house.audit.checkpoints(house.id)
    assert "over 6 events" in text_of(page)
    assert to_base64(kept.root) in page.text
    downloaded = vera.get(CHECKPOINT)
    assert downloaded.text == kept.note
    assert downloaded.mimetype == "text/plain"
    assert downloaded.headers["Content-Disposition"] == 'attachment; filename="checkpoint-6.txt"'
    assert read_checkpoint(downloaded.text, [read_vkey(house.audit.public_key(house.id))]).size == 6


def test_an_administrator_takes_one_too(house: House, administrator: Visitor) -> None:
    assert "was signed" in text_of(administrator.follow(administrator.post(CHECKPOINT)))
    assert len(house.audit.checkpoints(house.id)) == 1


def test_a_second_checkpoint_of_the_same_events_is_not_taken(house: House, vera: Visitor) -> None:
    vera.post(CHECKPOINT)
    assert "Nothing was recorded since" in text_of(vera.follow(vera.post(CHECKPOINT)))
    house.add_user("ann")
    assert "1 event was recorded since" in text_of(vera.get(OVERVIEW))
    assert "A checkpoint over 7 events was signed." in text_of(vera.follow(vera.post(CHECKPOINT)))
    assert "Checkpoints so far 2" in text_of(vera.get(OVERVIEW))


def test_a_checkpoint_needs_a_form_of_ours(vera: Visitor, house: House) -> None:
    assert vera.post(CHECKPOINT, csrf_token="forged").status_code == 400
    assert house.audit.checkpoints(house.id) == []


def test_the_public_key_stands_there_and_the_private_one_does_not(house: House, vera: Visitor) -> None:
    page = vera.get(OVERVIEW)
    assert f'value="{escape(house.audit.public_key(house.id))}"' in page.text
    assert "PRIVATE" not in page.text


def test_without_a_log_key_the_screen_says_so(house: House, vera: Visitor) -> None:
    house.settings.log_key_path.unlink()
    assert "The log key cannot be used" in text_of(vera.get(OVERVIEW))
    refused = vera.post(CHECKPOINT)
    assert refused.status_code == 503
    assert "log_key_unusable" in refused.text
    assert house.audit.checkpoints(house.id) == []


def test_no_alarm_is_said_too(vera: Visitor) -> None:
    assert "No alarm: nothing wrong with the history was found so far." in text_of(vera.get(OVERVIEW))
    assert all('aria-label="Alarm"' not in vera.get(screen).text for screen in SCREENS)


@pytest.mark.parametrize("name", ["vera", "admin"])
def test_an_altered_log_is_not_signed_and_raises_the_alarm_on_every_audit_screen(
    house: House, vera: Visitor, name: str
) -> None:
    with house.attacker() as attacker:
        alter_state(attacker, 5, b"operator:", b"server:")
    refused = vera.post(CHECKPOINT)
    assert refused.status_code == 409
    assert "log_contradicted" in refused.text
    assert house.audit.checkpoints(house.id) == []
    visitor = house.visitor(name)
    for screen in SCREENS:
        assert "Alarm. The history was altered:" in text_of(visitor.get(screen)), screen
    assert "No alarm" not in text_of(visitor.get(OVERVIEW))
    assert "Alarm." not in text_of(visitor.get("/license"))


def test_a_corrected_clock_and_a_contradicted_anchor_are_alarms(house: House, vera: Visitor) -> None:
    house.register(a_key(other_claims={"x_log_size": 3, "x_log_root": "somebody else's"}))
    house.clock.go_on(days=900)
    house.add_user("ann")
    house.clock.go_on(days=-900)
    house.do("correct_clock", date(2026, 4, 20))
    vera = house.visitor("vera")
    for screen in SCREENS:
        read = text_of(vera.get(screen))
        assert "Alarm. The clock was corrected by event 10: days count anew from 2026-04-20" in read
        assert "Alarm. By event 8, a license key carries a checkpoint that this history does not extend." in read
        assert read.index("event 10") < read.index("event 8"), "the newest first"


def test_what_the_self_checks_say_stands_on_the_overview(house: House, vera: Visitor) -> None:
    keyring = house.seatledger.settings.keyring
    assert keyring is not None
    keyring.chmod(0o666)
    for visitor in (vera, house.visitor("admin")):
        read = text_of(visitor.get(OVERVIEW))
        assert f"Others can write {keyring}" in read
        assert "No alarm" not in read
    keyring.chmod(0o644)
    assert "No alarm" in text_of(vera.get(OVERVIEW))
    house.clock.go_on(minutes=-11)
    # Her session is from the future, and so over; signing in again does not take the proof away.
    assert "the clock is behind" in text_of(house.visitor("vera").get(OVERVIEW))


def test_a_forged_license_is_an_alarm_for_auditors_and_a_warning_for_administrators(
    house: House, vera: Visitor
) -> None:
    house.register(a_key())
    with house.attacker() as attacker:
        alter_state(attacker, house.size(), b'"licenses":3,', b'"licenses":300,')
    house.licensing.views.of(house.id).fold_anew()  # as a start does
    for screen in SCREENS:
        assert "registers a license that the vendor did not sign like that" in text_of(vera.get(screen))
    read = text_of(house.visitor("admin").get("/license"))
    assert "Ask the vendor for a new license key" in read
    assert "Valid 0" in read


def test_the_signing_keys_are_shown_with_their_thumbprints(house: House, vera: Visitor) -> None:
    """By RFC 7638, worked out by another library."""
    house.register(a_key())
    active, revoked = (jwk.OKPKey.import_key(key).thumbprint() for key in KEYRING.to_jwk_set()["keys"])
    overview, screen = text_of(vera.get(OVERVIEW)), text_of(vera.get("/license"))
    assert f"{KID} {active}" in overview
    assert f"{REVOKED_KID} (revoked) {revoked}" in overview
    assert f"Signed with {KID} Thumbprint: {active}" in screen
    assert house.seatledger.settings.keyring is not None
    house.seatledger.settings.keyring.unlink()
    assert "The keyring does not have this key any more." in text_of(vera.get("/license"))


def test_a_day_ahead_of_the_clock_stands_on_the_license_screen(house: House) -> None:
    house.clock.go_on(days=900)
    house.add_user("ann")
    house.clock.go_on(days=-900)
    read = text_of(house.visitor("admin").get("/license"))
    assert "“seatledger clock correct 2026-04-20”" in read


def test_the_license_screen_has_the_pictures_with_their_tables(house: House, administrator: Visitor) -> None:
    empty = administrator.get("/license")
    assert empty.text.count('role="img"') == 1
    assert "No license is registered yet, so there are no periods." in text_of(empty)
    house.register(a_key(licenses=2))
    page = administrator.get("/license")
    assert page.text.count('role="img"') == 2
    read = text_of(page)
    assert "2026-04-20 2 1 1" in read
    assert "2026-04-20 to 2027-03-31 License Professional, 2" in read
    assert " style=" not in page.text
