"""The use cases over a real store: what they store, what they refuse, and what is seen of it at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from application.api_tokens import parse
from application.credentials import Credentials
from application.licensing import AlreadyOpened
from application.log.failures import LogUnreadable, NoInstallation
from application.views.newest import NotThatOld
from domain.installation import Installation, Stamp
from domain.refusals import KeyRefused, LoginNameTaken, Refused
from tests.database import Refusal
from tests.examples import NAME, OTHER_INSTALLATION_ID, PRODUCT, REVOKED_KID, REVOKED_SIGNING_KEY, a_key, a_period
from tests.refused import refused
from tests.world import BY, World


def test_opening_stores_the_installation_and_its_first_administrator(house: World) -> None:
    first, seen, second = house.entries
    assert (first.kind, first.fields) == (
        "InstallationOpened",
        {"name": NAME, "product": PRODUCT, "time_zone": "Europe/Berlin"},
    )
    assert (seen.kind, seen.fields["name"]) == ("OperatorSeen", "tester")
    assert {entry.by for entry in house.entries} == {house.operator}
    assert (second.kind, second.fields["login_name"], second.fields["administrator"]) == ("UserAdded", "admin", True)
    assert house.licensing.installation_ids() == [house.id]


def test_a_second_installation_is_refused(house: World) -> None:
    with refused(AlreadyOpened, NAME):
        house.licensing.open_installation("Other", PRODUCT, "UTC", "root", by=BY)
    assert house.licensing.installation_ids() == [house.id]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("", PRODUCT, "UTC", "admin"), "text_invalid"),
        ((NAME, "\n", "UTC", "admin"), "text_invalid"),
        ((NAME, PRODUCT, "Mars", "admin"), "unknown_time_zone"),
        ((NAME, PRODUCT, "UTC", "a/b"), "login_name_invalid"),
    ],
)
def test_opening_with_something_wrong_stores_nothing(
    world: World, arguments: tuple[str, str, str, str], code: str
) -> None:
    with pytest.raises(Refused) as raised:
        world.licensing.open_installation(*arguments, by=BY)
    assert raised.value.code == code
    assert world.licensing.installation_ids() == []


def test_asking_or_telling_an_installation_that_is_not_there_is_refused(house: World) -> None:
    for ask in (house.licensing.now, house.licensing.history):
        with pytest.raises(NoInstallation):
            ask(uuid4())
    with pytest.raises(NoInstallation):
        house.licensing.add_user(uuid4(), "ann", by=BY)


def test_a_registered_key_is_in_effect_at_once(house: World) -> None:
    assert house.check("admin") == ("admin_only", "no_license")
    registration = house.register(licenses=7)
    assert registration.is_new
    assert house.check("admin") == ("admit", "ok")
    assert house.licensing.now(house.id).standing.license == registration.key.license


def test_k2_the_same_key_again_is_answered_as_not_new_and_stores_nothing(house: World) -> None:
    text = a_key()
    house.register(text)
    before = house.events()
    assert house.register(f"\n  “{text[:60]}\r\n{text[60:]}”").is_new is False
    assert house.events() == before


REFUSED_TEXTS = {
    "too_long": "x" * 20_000,
    "malformed": "not a key",
    "unknown_signing_key": a_key(kid="someone-else"),
    "revoked_signing_key": a_key(signing_key=REVOKED_SIGNING_KEY, kid=REVOKED_KID),
    "bad_signature": a_key(signing_key=REVOKED_SIGNING_KEY),
    "wrong_product": a_key(product="other-product"),
    "wrong_installation": a_key(audience=OTHER_INSTALLATION_ID),
    "issued_in_future": a_key(issued_at=1_900_000_000),
    "license_period_over": a_key(license_period=a_period("2020-01-01", "2020-12-31")),
}


@pytest.mark.parametrize("code", REFUSED_TEXTS)
def test_k7_a_refused_key_is_recorded_with_its_code_and_who_tried_and_never_the_key(house: World, code: str) -> None:
    text = REFUSED_TEXTS[code]
    with pytest.raises(KeyRefused) as raised:
        house.register(text)
    assert raised.value.code == code
    last = house.entries[-1]
    assert (last.kind, last.by, last.fields["code"]) == ("LicenseKeyRefused", house.operator, code)
    assert set(last.fields) == {"code", "fingerprint"}
    ((state,),) = house.sql("SELECT state FROM stored_events ORDER BY originator_version DESC LIMIT 1")
    assert text[:40].encode() not in bytes(state)
    assert house.check("admin") == ("admin_only", "no_license")


@pytest.mark.parametrize("text", ["", " \n\u200b", '""'])
def test_nothing_pasted_is_refused_and_not_recorded(house: World, text: str) -> None:
    position = house.view.position
    with pytest.raises(KeyRefused):
        house.licensing.register_license_key(house.id, text, by=BY)
    assert house.view.position == position


def test_k7_the_same_key_refused_twice_is_recorded_twice_with_one_fingerprint(house: World) -> None:
    for text in ("not a key", " “not\na key” "):
        with pytest.raises(KeyRefused):
            house.register(text)
    one, other = house.entries[-2:]
    assert one.fields == other.fields
    assert one.command_id != other.command_id


def test_no_answer_holds_the_text_of_a_key(house: World) -> None:
    text = a_key()
    house.register(text)
    assert "key_text" not in house.entries[-1].fields
    assert text not in repr(house.entries)
    assert text not in repr(house.view)


def test_a_refused_command_changes_nothing_and_spoils_nothing_for_the_next(house: World) -> None:
    house.add("ann")
    before = house.events()
    for _ in range(3):
        with pytest.raises(LoginNameTaken):
            house.add("Ann")
    assert house.events() == before
    house.add("ben")
    assert house.events() == [*before, "UserAdded"]


def test_a_command_that_fails_half_way_leaves_no_trace_in_memory(house: World) -> None:
    """A command that recorded something and then broke: neither stored, nor in the copy that the next command gets."""

    def broken(installation: Installation, stamp: Stamp) -> None:
        installation.add_user("ghost", stamp=stamp)
        raise ZeroDivisionError

    before = house.events()
    with pytest.raises(ZeroDivisionError):
        house.licensing._act(house.id, broken, BY)
    house.add("ghost")
    assert house.events() == [*before, "UserAdded"]
    assert house.view.in_use == 2


def test_what_is_so_already_stores_nothing(house: World) -> None:
    house.add("ann")
    house.do("delete_user", "ann")
    before = house.events()
    house.do("delete_user", "ann")
    house.do("grant_administrator", "admin")
    assert house.events() == before


def test_commands_and_events_bear_the_callers_command_id(house: World) -> None:
    command_id = UUID("c0ffee00-0000-4000-8000-000000000002")
    house.do("add_user", "ann", command_id=command_id)
    assert house.entries[-1].command_id == str(command_id)


def test_deleting_or_demoting_an_administrator_clears_the_credentials_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(Credentials, "forget", lambda _, account_id: forgotten.append(account_id))
    house = world.open()
    for name in ("ann", "ben"):
        house.do("add_user", name, administrator=True)
    house.do("add_auditor", "audrey")
    house.do("delete_user", "ann")
    house.do("revoke_administrator", "ben")
    house.do("remove_auditor", "audrey")
    view = house.view
    assert forgotten == [view.account_id(name) for name in ("ann", "ben", "audrey")]


def test_a_token_is_given_once_and_found_by_its_digest(house: World) -> None:
    token = house.do("create_token", "Gateway", ["login-check"], expires_after=30)
    stored = house.view.tokens[token.token_id]
    assert parse(token.text) == (token.token_id, stored.digest)
    assert token.text not in repr(house.entries)
    assert stored.expires_on == date(2026, 5, 1)
    assert [stored.is_good(date(2026, 5, day)) for day in (1, 2)] == [True, False]
    house.do("revoke_token", token.token_id)
    assert house.view.tokens[token.token_id].is_good(date(2026, 4, 2)) is False


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_token_is_good_for_one_day_to_ten_years(house: World, days: int) -> None:
    with pytest.raises(Refused) as raised:
        house.do("create_token", "Gateway", ["login-check"], expires_after=days)
    assert raised.value.code == "expiry_invalid"


def test_history_is_read_in_pages(house: World) -> None:
    for number in range(10):
        house.add(f"user{number}")
    positions, after = [], 0
    while page := house.licensing.history(house.id, after=after, limit=5):
        positions += [entry.position for entry in page]
        after = page[-1].position
    assert positions == list(range(1, 14))


def test_a1_any_earlier_position_and_moment_is_answered_as_it_was_then(house: World) -> None:
    views = [house.view]
    moments = [house.clock()]
    for step in (
        lambda: house.register(licenses=2),
        lambda: house.add("ann"),
        lambda: house.add("ben"),
        lambda: house.do("delete_user", "ann"),
        lambda: house.do("correct_clock", date(2026, 4, 2)),
        lambda: house.do("add_auditor", "audrey"),
    ):
        house.clock.go_on(days=1)
        step()
        views.append(house.view)
        moments.append(house.clock())
    house.clock.go_on(days=1)
    for view, moment in zip(views, moments, strict=True):
        assert house.licensing.at(house.id, view.position).view == view
        assert house.licensing.as_of(house.id, moment).view == view
        assert house.licensing.as_of(house.id, moment + timedelta(hours=23)).view == view
    assert house.licensing.at(house.id, 1).view.in_use == 0


@pytest.mark.parametrize("position", [0, -1, 4, 2**70])
def test_a1_a_position_that_the_log_does_not_have_is_refused(house: World, position: int) -> None:
    with refused(NotThatOld, "1 to 3"):
        house.licensing.at(house.id, position)


def test_a1_a_moment_before_the_opening_is_refused(house: World) -> None:
    with pytest.raises(NotThatOld):
        house.licensing.as_of(house.id, datetime(2026, 1, 1, tzinfo=UTC))


def test_a2_the_store_refuses_to_change_what_was_written(house: World) -> None:
    for table in ("stored_events", "merkle_leaves"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET originator_id = originator_id"):  # noqa: S608
            with pytest.raises(Refusal, match="append-only"):
                house.sql(statement)
    assert house.view.position == 3


@pytest.mark.parametrize("topic", ["os:system", "domain.installation:Installation.UserAdded", "seatledger:Created", ""])
def test_a_topic_that_is_not_ours_is_refused_before_anything_is_imported(house: World, topic: str) -> None:
    house.sql("INSERT INTO stored_events VALUES (?, 4, ?, ?)", house.id.hex, topic, b"{}")
    for process in (house, house.another_process()):
        with pytest.raises(LogUnreadable, match="Event 4"):
            process.view  # noqa: B018  a question
        with pytest.raises(LogUnreadable, match="Event 4"):
            process.add("ann")


def test_the_librarys_environment_variables_do_not_reach_the_application(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever sets the environment could have any class imported, or the log written elsewhere."""
    for name, value in {
        "COMPRESSOR_TOPIC": "zlib",
        "CIPHER_TOPIC": "no.such:thing",
        "TRANSCODER_TOPIC": "no.such:thing",
        "PERSISTENCE_MODULE": "no.such",
        "SQLITE_DBNAME": ":memory:",
        "SEATLEDGER_SQLITE_DBNAME": ":memory:",
        "IS_SNAPSHOTTING_ENABLED": "y",
        "AGGREGATE_CACHE_MAXSIZE": "nonsense",
    }.items():
        monkeypatch.setenv(name, value)
    house = world.open()
    house.add("ann")
    monkeypatch.undo()
    assert house.events() == ["InstallationOpened", "OperatorSeen", "UserAdded", "UserAdded"]
    assert house.another_process().view.in_use == 2
