"""The history that people read: sentences, effects, calendar lines, filters and pages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from application.views.calendar import CalendarLine
from application.views.history import EVENTS, Filter, FilterUnknown
from application.views.history_lines import HistoryLine
from domain.refusals import KeyRefused
from tests.application.story import history_of, page_of
from tests.examples import ADMINISTRATOR, a_period
from tests.refused import refused
from tests.world import BY, World


def tell_everything(story: World) -> None:
    """Every kind of event, on days of its own, and a license that waits for its day."""
    story.on("2026-02-01").register(licenses=2)
    with pytest.raises(KeyRefused):
        story.do("register_license_key", "no key")
    story.on("2026-02-02").add("ann")
    story.add("bob", administrator=True, by=f"user:{story.view.account_id(ADMINISTRATOR)}")
    story.do("delete_user", "ann", by=f"user:{story.view.account_id('bob')}")
    story.do("restore_user", "ann")
    story.do("grant_administrator", "ann")
    story.do("revoke_administrator", "ann")
    story.do("add_auditor", "vera")
    vera = story.view.account_id("vera")
    assert vera is not None
    story.do("record_password_change", vera, "machine")
    story.do("record_password_change", vera, "own", by=f"auditor:{vera}")
    story.do("remove_auditor", "vera")
    token_id = story.do("create_token", "gate", ["users", "login-check"]).token_id
    story.on("2026-04-02").add("cat", by=f"token:{token_id}")
    story.do("revoke_token", token_id)
    story.register(licenses=1, other_claims={"x_log_size": 5, "x_log_root": "somebody else's"})
    story.on("2029-01-01").add("dan")
    story.on("2026-04-03")
    story.do("correct_clock", date(2026, 4, 3))


def test_every_kind_of_line_is_a_sentence_with_its_effect(story: World) -> None:
    tell_everything(story)
    assert history_of(story)[::-1] == [
        (
            "2026-01-01 tester (command line) opened the installation “Example Company” for timetracker-nx, "
            "time zone Europe/Berlin"
        ),
        "2026-01-01 tester (command line) gave a command on this machine for the first time",
        "2026-01-01 tester (command line) added the administrator “admin” [In use 0 → 1]",
        (
            "2026-02-01 tester (command line) registered a license key: Professional, 2 licenses, "
            "2026-04-01 to 2027-03-31; it waits for 2026-04-01"
        ),
        "2026-02-01 tester (command line) tried to register a license key, which was refused (malformed)",
        "2026-02-02 tester (command line) added the user “ann” [In use 1 → 2]",
        "2026-02-02 admin added the administrator “bob” [In use 2 → 3]",
        "2026-02-02 bob deleted the user “ann” [In use 3 → 2]",
        "2026-02-02 tester (command line) restored the user “ann” [In use 2 → 3]",
        "2026-02-02 tester (command line) made “ann” an administrator",
        "2026-02-02 tester (command line) made the administrator “ann” an ordinary user",
        "2026-02-02 tester (command line) added the auditor “vera”",
        "2026-02-02 tester (command line) set the password of “vera”",
        "2026-02-02 vera changed the own password",
        "2026-02-02 tester (command line) removed the auditor “vera”",
        "2026-02-02 tester (command line) made the API token “gate” (login-check, users)",
        (
            "* 2026-04-01 A license took effect: Professional, 2 licenses, 2026-04-01 to 2027-03-31 "
            "[Valid 0 → 2; Edition none → Professional]"
        ),
        "* 2026-04-01 A maintenance period began: 2026-04-01 to 2027-03-31",
        "2026-04-02 API token “gate” added the user “cat” [In use 3 → 4]",
        "2026-04-02 tester (command line) revoked the API token “gate”",
        (
            "2026-04-02 tester (command line) registered a license key: Professional, 1 license, "
            "2026-04-01 to 2027-03-31 [Valid 2 → 1]"
        ),
        (
            "2026-04-02 The license key registered just before carries a checkpoint of 5 events that this history does "
            "not extend: it was replaced or cut"
        ),
        "* 2027-04-01 The license period ended: Professional, 1 license, 2026-04-01 to 2027-03-31",
        "* 2027-04-01 The maintenance period ended: 2026-04-01 to 2027-03-31",
        "2029-01-01 tester (command line) added the user “dan” [In use 4 → 5]",
        "2026-04-03 tester (command line) corrected the clock: days count anew from 2026-04-03",
    ]
    assert {entry.kind for entry in story.entries} == set(EVENTS) - {
        "PasswordLinkMade",
        "UserRenamed",
        "PersonErased",
        "DayReached",
        "RestoreAccepted",
    }


def test_a_corrected_clock_shows_what_it_took_back(story: World) -> None:
    """Before the correction a pending license had taken effect on the wrong day."""
    story.on("2026-04-10").register(licenses=2)
    pending = a_period("2027-04-01", "2028-03-31")
    story.register(licenses=9, edition="Enterprise", license_period=pending, maintenance_period=pending)
    story.on("2027-05-01").add("ann")
    story.on("2026-04-11")
    story.do("correct_clock", date(2026, 4, 11))
    assert history_of(story, limit=1)[0].endswith("[Valid 9 → 2; Edition Enterprise → Professional]")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 25])
def test_pages_hold_every_line_once_and_in_order(story: World, limit: int) -> None:
    tell_everything(story)
    whole = [key(line) for line in page_of(story).lines]
    paged, before, pages = [], None, 0
    while pages == 0 or before is not None:
        page = page_of(story, before=before, limit=limit)
        paged += [key(line) for line in page.lines]
        before, pages = page.beyond, pages + 1
    assert paged == whole
    assert pages == -(-len(story.entries) // limit)


def key(line: HistoryLine) -> int | CalendarLine | None:
    return line.entry.position if line.entry else line.calendar


def test_what_is_recorded_meanwhile_does_not_move_the_next_page(story: World) -> None:
    tell_everything(story)
    first = page_of(story, limit=5)
    expected = [key(line) for line in page_of(story, before=first.beyond).lines]
    story.on("2026-04-04").add("eve")
    assert [key(line) for line in page_of(story, before=first.beyond).lines] == expected


def test_the_calendar_of_today_stands_on_top_until_something_is_recorded(story: World) -> None:
    story.on("2026-03-01").register()
    story.on("2026-04-01")
    assert [bool(line.calendar) for line in page_of(story, limit=2).lines] == [True, True, False, False]
    story.add("ann")
    assert [bool(line.calendar) for line in page_of(story, limit=2).lines] == [False, True, True, False]


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        ({"event": "UserAdded"}, [3, 6, 7, 17, 21]),
        ({"login_name": "ann"}, [6, 8, 9, 10, 11]),
        ({"login_name": "ANN"}, [6, 8, 9, 10, 11]),
        ({"login_name": "vera"}, [12, 13, 14, 15]),
        ({"by": "bob"}, [8]),
        ({"by": "vera"}, [14]),
        ({"by": BY, "event": "UserRestored"}, [9]),
        ({"first_day": date(2026, 2, 2), "last_day": date(2026, 4, 1)}, list(range(6, 17))),
        ({"first_day": date(2026, 4, 3), "last_day": date(2026, 4, 3)}, [22]),
        ({"first_day": date(2028, 1, 1)}, [21]),
        ({"last_day": date(2025, 12, 31)}, []),
        ({"login_name": "ann", "by": "bob", "event": "UserDeleted", "first_day": date(2026, 2, 2)}, [8]),
        ({"login_name": "ann", "event": "TokenCreated"}, []),
    ],
)
def test_filters_find_the_same_both_ways(story: World, wanted: dict[str, object], positions: list[int]) -> None:
    tell_everything(story)
    backwards = [line.entry.position for line in page_of(story, **wanted).lines if line.entry]  # type: ignore[arg-type]
    assert backwards[::-1] == positions
    filter_ = Filter.of(story.view, **wanted)  # type: ignore[arg-type]
    forwards = story.licensing.history(story.id, limit=1000, only=filter_)
    assert [entry.position for entry in forwards] == positions


def test_filtered_pages_hold_every_event_once(story: World) -> None:
    tell_everything(story)
    found, before, pages = [], None, 0
    while pages == 0 or before is not None:
        page = page_of(story, before=before, limit=2, login_name="ann")
        found += [line.entry.position for line in page.lines if line.entry]
        before, pages = page.beyond, pages + 1
    assert (found, pages) == ([11, 10, 9, 8, 6], 3)


def test_days_keep_their_calendar_lines_and_other_filters_leave_them_out(story: World) -> None:
    tell_everything(story)
    days = {"first_day": date(2026, 3, 1), "last_day": date(2026, 4, 1)}
    assert [bool(line.calendar) for line in page_of(story, **days).lines] == [True, True]
    assert not any(line.calendar for line in page_of(story, event="UserAdded").lines)
    assert not any(line.calendar for line in page_of(story, by=BY).lines)


def test_the_command_line_of_a_domain_account_is_found(story: World) -> None:
    r"""JSON spells the backslash of DOMAIN\name in its own way."""
    story.add("ann", by='cli:ACME\\“jö" smith')
    assert [line.entry.position for line in page_of(story, by='cli:ACME\\“jö" smith').lines if line.entry] == [5, 4]


def test_a_login_name_with_a_colon_is_a_name(story: World) -> None:
    story.add("acme:ann", "cli:root", administrator=True)
    ann = story.view.account_id("acme:ann")
    story.add("bob", by=f"user:{ann}")
    assert [line.entry.position for line in page_of(story, by="acme:ann").lines if line.entry] == [6]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"event": "UserPromoted"}, "The history cannot be filtered by event: there is no event “UserPromoted”."),
        ({"event": "Created"}, "The history cannot be filtered by event: there is no event “Created”."),
        (
            {"login_name": "zoe"},
            (
                "The history cannot be filtered by login name: there never was anybody with the name “zoe”, or it was "
                "erased."
            ),
        ),
        (
            {"by": "root"},
            (
                "The history cannot be filtered by who did it: there never was anybody with the name “root”, or it was "
                "erased; give a login name, or the name that the operating system has for somebody at the command "
                "line, or “token:ID” for an API token."
            ),
        ),
        (
            {"first_day": date(2026, 2, 2), "last_day": date(2026, 2, 1)},
            "The history cannot be filtered by days: 2026-02-02 is after 2026-02-01.",
        ),
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_a_sentence(
    story: World, wanted: dict[str, object], sentence: str
) -> None:
    with refused(FilterUnknown, f"^{re.escape(sentence)}$") as caught:
        page_of(story, **wanted)  # type: ignore[arg-type]
    assert caught.value.code == "unknown_filter"


def test_no_line_shows_a_license_key(story: World) -> None:
    tell_everything(story)
    for entry in story.entries:
        assert "key_text" not in entry.fields


def test_u8_whoever_renames_herself_does_so_by_the_name_before(story: World) -> None:
    admin = f"user:{story.view.account_id(ADMINISTRATOR)}"
    story.do("rename_user", ADMINISTRATOR, "root", by=admin)
    story.on("2026-02-02").add("ann", by=admin)
    assert [line.split(" ", 1)[1] for line in history_of(story)[:2]] == [
        "root added the user “ann” [In use 1 → 2]",
        "admin renamed the user “admin” to “root”",
    ]


def test_p2_a_renaming_of_somebody_erased_says_no_name_twice(story: World) -> None:
    story.on("2026-02-02").add("ann")
    story.do("rename_user", "ann", "mia")
    story.do("delete_user", "mia")
    story.licensing.erasing.user(story.id, "mia", by=BY)
    [renamed] = history_of(story, event="UserRenamed")
    assert re.fullmatch(r"2026-02-02 tester \(command line\) renamed the user “erased person [0-9a-f]{4}”", renamed)


def test_who_did_it_finds_the_user_and_the_operator_of_one_name(story: World) -> None:
    admin = f"user:{story.view.account_id(ADMINISTRATOR)}"
    story.add("ann", by="cli:admin")
    story.add("bob", by=admin)
    story.add("cat")
    positions = {
        by: [line.entry.position for line in page_of(story, by=by).lines if line.entry]
        for by in ("admin", "cli:admin", admin)
    }
    assert positions == {"admin": [6, 5, 4], "cli:admin": [5, 4], admin: [6]}
