"""The aggregate is made out of the view (ADR 49): it knows what folding the events gives, and reads no log itself."""

from __future__ import annotations

import pytest

from application.log import turns
from application.log.failures import ReadingHistory
from application.views.entitlement import Entitlement, fold, installation_of
from domain.installation import Installation, Stamp
from domain.state import STATE
from tests.application.views.test_folding import a_long_story
from tests.world import BY, World


@pytest.mark.parametrize("seed", range(3))
def test_at_every_position_the_aggregate_of_the_view_is_that_of_the_events(seed: int) -> None:
    folded: Installation | None = None
    view: Entitlement | None = None
    for event in a_long_story(seed).pending_events:
        folded = event.mutate(folded)
        view = fold(view, [event])
        assert folded is not None
        assert view is not None
        of_view = installation_of(view)
        assert (of_view.id, of_view.version, of_view.pending_events) == (folded.id, folded.version, [])
        assert {name: getattr(of_view, name) for name in STATE} == {name: getattr(folded, name) for name in STATE}


def test_a_command_shares_the_views_maps_and_leaves_the_view_as_it_was(house: World) -> None:
    house.add("ann")
    view = house.view
    installation = house.licensing._acting.load(house.id)
    assert installation.users is view.users
    assert installation.names is view.names
    house.do("delete_user", "ann")
    assert not view.users[view.names["ann"]].is_deleted


def test_the_first_command_of_a_process_reads_no_event_again(house: World) -> None:
    """What the view has folded is not asked of the log once more: so it is told even when it was altered since."""
    house.add("ann")
    late = house.another_process()
    assert late.view.in_use == 2
    size = late.size()
    with house.attacker() as attacker:
        attacker.execute("UPDATE stored_events SET topic = 'seatledger:Unknown' WHERE originator_version < ?", [size])
    late.add("ben")
    assert late.size() == size + 1
    assert late.view.in_use == 3


def test_a_command_on_a_view_that_another_process_overtook_is_asked_again(house: World) -> None:
    """What another one stores after the view was read is met as a conflict, and the rule is asked with it."""
    other, size = house.another_process(), house.size()
    met: list[int] = []

    def add_ben(installation: Installation, stamp: Stamp) -> None:
        if not met:
            other.add("ann")
        met.append(len(installation.users))
        installation.add_user("ben", administrator=False, stamp=stamp)

    house.licensing._acting.act(house.id, add_ben, by=BY)
    assert met == [1, 2]
    assert house.size() == size + 2
    assert [entry.event.login_name for entry in house.entries[-2:]] == ["ann", "ben"]


def test_a_command_waits_for_who_reads_the_log_no_longer_than_for_other_commands(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = house.size()
    monkeypatch.setattr(turns, "TURN_TIMEOUT", 0.01)
    with house.licensing._newest_of(house.id)._lock, pytest.raises(ReadingHistory):
        house.add("ann")
    assert house.size() == size
    house.add("ann")
