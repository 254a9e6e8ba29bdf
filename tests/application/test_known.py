"""Commands act on what was last known, and ask the log only where what they would tell might not be true of it."""

from __future__ import annotations

import pytest

from application.views.entitlement import fold
from domain.refusals import LastAdministrator, LoginNameTaken
from tests.refused import refused
from tests.world import World


def reader_of(house: World) -> object:
    return house.licensing.views.of(house.id)._reader


def test_a_command_that_records_asks_the_log_nothing(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server each question takes as long as the write itself."""
    house.add("ann")

    def asked(*_: object, **_options: object) -> object:
        raise AssertionError("the log was asked")

    with monkeypatch.context() as patched:
        for question in ("version", "events", "at_and_after"):
            patched.setattr(reader_of(house), question, asked)
        patched.setattr(house.licensing._acting.people, "keys_of", asked)
        house.add("bea", "carl")
        house.do("grant_administrator", "ann")
    assert house.another_process().view == house.view


def test_a_refusal_is_true_of_what_another_process_has_stored(house: World) -> None:
    other = house.another_process()
    house.add("ann")
    other.do("grant_administrator", "ann")
    house.do("delete_user", "admin")
    assert house.events()[-1] == "UserDeleted"
    other.do("delete_user", "admin")
    with refused(LastAdministrator):
        house.do("delete_user", "ann")
    other.add("bob")
    with refused(LoginNameTaken):
        house.add("BOB")


def test_what_was_done_already_is_done_again_if_another_process_has_undone_it(house: World) -> None:
    """A command that would record nothing says that all is as wanted: that must be so now."""
    other = house.another_process()
    house.add("ann")
    house.do("delete_user", "ann")
    other.do("restore_user", "ann")
    house.do("delete_user", "ann")
    ann = house.view.user("ann")
    assert ann is not None
    assert ann.is_deleted


def test_what_this_process_stored_is_known_as_another_one_reads_it(house: World) -> None:
    """Names with everything that sealing might lose, people erased, keys refused, clocks corrected."""
    house.register(licenses=5)
    house.add("Ann Ä", "bea\N{COMBINING ACUTE ACCENT}", "x" * 200)
    house.do("rename_user", "Ann Ä", "Anna")
    house.do("add_auditor", "audrey")
    house.do("create_token", "gateway", ["users", "login-check"])
    house.do("grant_administrator", "Anna")
    house.do("delete_user", "Anna")
    house.licensing.erasing.user(house.id, "Anna", by="cli:somebody")
    house.add(*[f"user-{number}" for number in range(5)])
    stored = house.licensing._acting.recorder.select_events(house.id)
    assert house.licensing.views.of(house.id).known() is not None
    assert house.view == fold(None, house.licensing._acting.mapper.to_domain_events(stored))
    assert house.entries == house.another_process().entries


def test_nothing_is_recorded_on_top_of_a_log_that_is_another_one(house: World) -> None:
    """As many events, but others: the store went back, and somebody else has gone on with it."""
    house.add("ann")
    with house.attacker() as connection:
        newest = house.view.position
        connection.execute("DELETE FROM stored_events WHERE originator_version = ?", (newest,))
        connection.execute("DELETE FROM merkle_leaves WHERE position = ?", (newest,))
    other = house.another_process()
    other.add("mallory")
    with refused(LoginNameTaken):
        house.add("mallory")
    loss = house.licensing.views.loss(house.id)
    assert loss is not None
    assert loss[:2] == (newest, False)
    house.add("ann")
    assert house.view == other.view


def test_nothing_is_recorded_behind_a_gap(house: World) -> None:
    """The newest event is gone, and the next command is the first that could notice it."""
    house.add("ann", "bea")
    with house.attacker() as connection:
        newest = house.view.position
        connection.execute("DELETE FROM stored_events WHERE originator_version = ?", (newest,))
        connection.execute("DELETE FROM merkle_leaves WHERE position = ?", (newest,))
    house.add("carl")
    assert house.view.position == newest
    assert [user is not None for user in map(house.view.user, ("ann", "bea", "carl"))] == [True, False, True]
    assert house.licensing.views.loss(house.id) is not None


def test_an_event_that_was_altered_before_a_write_is_noticed_after_it(house: World) -> None:
    house.add("ann")
    position = house.view.position
    with house.attacker() as connection:
        connection.execute("UPDATE stored_events SET state = ? WHERE originator_version = ?", (b"{}", position))
    house.add("bea", "carl")
    assert house.view.user("ann") is not None, "what an attacker made of it is no answer"
    loss = house.licensing.views.loss(house.id)
    assert loss is not None
    assert loss[:2] == (position, True)
