"""C8: stop folding at every position of a log of 200 events, and go on: the view is identical."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from application.log.failures import LogUnreadable
from application.views.entitlement import fold
from application.views.newest import NewestView
from domain.installation import Installation, Stamp
from domain.refusals import Refused
from tests.clock import SetClock
from tests.domain.installations import COMMAND, an_installation, register
from tests.examples import a_period
from tests.world import World

LENGTH = 200


def a_long_story(seed: int, length: int = LENGTH) -> Installation:
    """An installation with a history of every kind of event, the same for the same seed but for random ids."""
    chance = random.Random(seed)  # noqa: S311  a story, not a secret
    clock = SetClock("2026-01-02")
    installation = an_installation()
    names = [f"user{number}" for number in range(12)]
    while len(installation.pending_events) < length:
        clock.go_on(hours=chance.randrange(0, 60))
        if chance.random() < 0.05:
            clock.now += timedelta(days=chance.choice((-300, -1, 400)))
        stamp = Stamp("cli:story", COMMAND, clock())
        name = chance.choice(names)
        today = max(installation.day, clock().date())
        deeds: list[Any] = [
            lambda: installation.add_user(name, administrator=chance.random() < 0.2, stamp=stamp),  # noqa: B023
            lambda: installation.delete_user(name, stamp=stamp),  # noqa: B023
            lambda: installation.restore_user(name, stamp=stamp),  # noqa: B023
            lambda: installation.grant_administrator(name, stamp=stamp),  # noqa: B023
            lambda: installation.revoke_administrator(name, stamp=stamp),  # noqa: B023
            lambda: installation.add_auditor(f"auditor of {name}", stamp=stamp),  # noqa: B023
            lambda: installation.remove_auditor(f"auditor of {name}", stamp=stamp),  # noqa: B023
            lambda: installation.record_refused_key("malformed", "ab" * 32, stamp=stamp),  # noqa: B023
            lambda: installation.record_password_link(installation.account_of(name) or "?", stamp=stamp),  # noqa: B023
            lambda: installation.record_password_change(installation.account_of(name) or "?", "own", stamp=stamp),  # noqa: B023
            lambda: installation.create_token(f"id{installation.version}", name, ["users"], "00", None, stamp=stamp),  # noqa: B023
            lambda: installation.revoke_token(f"id{chance.randrange(installation.version)}", stamp=stamp),  # noqa: B023
            lambda: installation.correct_clock(today - timedelta(days=chance.randrange(500)), stamp=stamp),  # noqa: B023
            lambda: installation.record_contradicted_anchor(3, "root", stamp=stamp),  # noqa: B023
            lambda: register(
                installation,
                clock(),
                licenses=chance.randrange(1, 12),
                license_period=a_period(today + timedelta(days=chance.randrange(-9, 90)), None),  # noqa: B023
                maintenance_period=None,
            ),
        ]
        try:
            chance.choice(deeds)()
        except Refused:
            continue
    return installation


def test_the_story_has_every_kind_of_event() -> None:
    """Else the tests below would say less than they seem to."""
    names = {type(event).__name__ for seed in range(3) for event in a_long_story(seed).pending_events}
    assert len(names) == 16


@pytest.mark.parametrize("seed", range(3))
def test_c8_folding_may_stop_at_every_position_and_go_on(seed: int) -> None:
    events = list(a_long_story(seed).pending_events)
    whole = fold(None, events)
    for stop in range(1, len(events)):
        stopped = fold(None, events[:stop])
        assert stopped is not None
        assert stopped.position == stop
        assert fold(stopped, events[stop:]) == whole
    one_by_one = None
    for event in events:
        one_by_one = fold(one_by_one, [event])
    assert one_by_one == whole


def test_c8_a_fold_leaves_the_view_that_it_went_on_from_as_it_was() -> None:
    events = list(a_long_story(0).pending_events)
    half, other_half = fold(None, events[:100]), fold(None, events[:100])
    fold(half, events[100:])
    assert half == other_half


@pytest.mark.parametrize("wrong", [lambda e: e[1:], lambda e: [*e[:5], *e[6:]], lambda e: [*e[:5], e[4], *e[5:]]])
def test_events_that_do_not_follow_each_other_are_not_folded(wrong: Any) -> None:
    events = list(a_long_story(0, 20).pending_events)
    with pytest.raises(LogUnreadable):
        fold(None, wrong(events))


def test_c8_through_the_store_every_position_and_every_catch_up_gives_the_same_view(world: World) -> None:
    """The log is stored event by event; a reader that catches up after each, one that comes last, and replay agree."""
    story = list(a_long_story(1).pending_events)
    licensing, installation_id = world.make().licensing, story[0].originator_id
    caught_up = []
    for event in story:
        licensing._acting.save(event)
        caught_up.append(licensing.now(installation_id).view)
    late = world.another_process().licensing
    assert late.now(installation_id).view == caught_up[-1] == fold(None, story)
    for position, view in enumerate(caught_up, start=1):
        assert late.at(installation_id, position).view == view


@pytest.mark.seldom_on_postgresql("every position of a long history")
def test_c8_the_earlier_views_that_are_kept_make_the_same_history(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept every three positions at first, and thinned out as the log grows: as with a log of a million events."""
    monkeypatch.setattr("application.views.newest.KEPT_VIEWS", 5)
    story = list(a_long_story(2).pending_events)
    licensing = world.make().licensing
    live = NewestView(licensing._log.reader, licensing._acting.mapper.to_domain_events, story[0].originator_id)
    live._spacing = 3
    for start in range(0, len(story), 7):
        licensing._acting.save(*story[start : start + 7])
        newest = live.now()
        assert len(live._earlier) <= 5
        for position in range(1, newest.position + 1, 5):
            assert live.at(position) == fold(None, story[:position])
    assert live.now() == fold(None, story)
    live.close()
