"""The aggregate is made out of the view (ADR 49): it knows what folding the events gives, and reads no log itself."""

from __future__ import annotations

import pytest

from application.views.entitlement import Entitlement, fold, installation_of
from domain.installation import Installation
from domain.state import STATE
from tests.application.views.test_folding import a_long_story
from tests.world import World


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


def test_the_first_command_of_a_process_reads_the_log_once(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    house.add("ann")
    late = house.another_process()
    late.licensing.now(late.id)
    reader = late.licensing._newest_of(late.id)._reader
    positions: list[int] = []
    read = reader.events

    def events(*args: object, after: int = 0, **more: object) -> object:
        positions.append(after)
        return read(*args, after=after, **more)  # type: ignore[arg-type]

    def never(*_: object, **__: object) -> None:
        raise AssertionError("read once more")

    monkeypatch.setattr(reader, "events", events)
    monkeypatch.setattr(late.licensing._acting.recorder, "select_events", never)
    size = late.size()
    late.add("ben")
    assert late.size() == size + 1
    assert all(after >= size for after in positions)


def test_a_command_on_a_view_that_another_process_overtook_is_asked_again(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another one stores after the view was read is met as a conflict, and the rule is asked with it."""
    other = house.another_process()
    acting, size = house.licensing._acting, house.size()
    loaded = acting._loaded
    overtaken: list[str] = []

    def overtake(id_: object) -> Installation:
        installation = loaded(id_)  # type: ignore[arg-type]
        if not overtaken:
            overtaken.append("ann")
            other.add("ann")
        return installation

    monkeypatch.setattr(acting, "_loaded", overtake)
    house.add("ben")
    assert house.size() == size + 2
    assert [entry.event.login_name for entry in house.entries[-2:]] == ["ann", "ben"]
