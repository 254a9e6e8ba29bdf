"""A snapshot holds all that a fold knows: who goes on from it knows what folding from nothing gives (ADR 49)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import pytest

from application.log.stored import StoredEvent
from application.views.entitlement import Entitlement
from application.views.folding import Folding
from application.views.snapshot import folding_of, lines_of
from domain.installation import Installation, Stamp
from tests.application.views.test_folding import a_long_story
from tests.clock import SetClock
from tests.domain.installations import COMMAND

Event = Installation.Event

OTHERS = ("view", "deeds", "name_changes", "_contradicts")
"""What is compared part by part, or begins anew wherever a fold goes on."""


def contradicts(registration: Event, _product: str) -> bool:
    """Every other registration, so that there are both kinds."""
    return registration.originator_version % 2 == 0


def take(folding: Folding, events: list[Event]) -> Folding:
    if events:
        folding.take([StoredEvent(each.originator_id, each.originator_version, "", b"") for each in events], events)
    return folding


def folded(events: list[Event]) -> Folding:
    return take(Folding(events[0].originator_id, contradicts), events)


def restored(folding: Folding, events: list[Event]) -> Folding:
    def events_at(positions: Iterable[int]) -> list[Event]:
        return [events[position - 1] for position in positions]

    return folding_of(
        lines_of(folding), events[0].originator_id, folding.position, folding.newest_leaf, events_at, contradicts
    )


def known(folding: Folding) -> dict[str, object]:
    of_fold = {name: value for name, value in vars(folding).items() if name not in OTHERS}
    of_view = {field.name: getattr(folding.view, field.name) for field in fields(Entitlement)}
    of_deeds = {f"deeds.{name}": value for name, value in vars(folding.deeds).items()}
    return of_fold | of_view | of_deeds | {"people": folding.people.texts()}


def a_story_of_names(seed: int) -> list[Event]:
    """The long story, after which people are renamed, erased, restored and misnamed, and some are added together."""
    installation = a_long_story(seed, 60)
    clock = SetClock(installation.day)

    def stamp() -> Stamp:
        clock.go_on(seconds=1)
        return Stamp("user:1", COMMAND, clock())

    present = [user.login_name for user in installation.users.values() if not user.is_deleted]
    for name in ("Zoë", "ZACK", "zelda", *present[:2]):
        if installation.account_of(name) is None:
            installation.add_user(name, administrator=False, stamp=stamp())
        installation.rename_user(name, f"{name}-2", stamp=stamp())
    installation.rename_user("zelda-2", "zelda", stamp=stamp())
    installation.add_user("twin", administrator=False, stamp=stamp())
    for number, (name, key) in enumerate((("twin", "twin"), ("nobody", ""))):
        by_hand = {"user_id": f"by-hand-{number}", "login_name": name, "login_key": key, "administrator": False}
        installation._record(Installation.UserAdded, stamp(), **by_hand)
    for name in ("ZACK-2", "twin"):
        installation.delete_user(name, stamp=stamp())
        installation.erase_user(name, stamp=stamp())
    return list(installation.pending_events)


@pytest.mark.parametrize("seed", range(2))
def test_who_goes_on_from_a_snapshot_of_any_position_knows_what_the_log_gives(seed: int) -> None:
    events = a_story_of_names(seed)
    whole = known(folded(events))
    for stop in range(1, len(events) + 1):
        before = folded(events[:stop])
        after = restored(before, events)
        assert known(after) == known(before)
        assert known(take(after, events[stop:])) == whole


def test_a_snapshot_of_a_snapshot_is_the_same() -> None:
    events = a_story_of_names(2)
    half = restored(folded(events[:50]), events)
    again = restored(take(half, events[50:]), events)
    assert known(again) == known(folded(events))
