"""What lists and warnings say of API tokens on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from application.views import tokens
from application.views.day_view import DayView
from application.words import sentences
from application.words.language import ENGLISH
from application.words.tokens import of_leaver
from domain.installation import Installation
from tests.domain.installations import an_installation, at, day_view_of

MADE = "2026-04-20"


def with_tokens(**ends: str | None) -> Installation:
    """An installation with tokens by these names for login checks, each with its last day."""
    installation = an_installation("ann")
    for name, end in ends.items():
        make(installation, name, end=end)
    return installation


def make(installation: Installation, name: str, *scopes: str, end: str | None = None, by: str = "cli:root") -> None:
    expires_on = date.fromisoformat(end) if end else None
    stamp = replace(at(MADE), by=by)
    installation.create_token(f"id-{name}", name, list(scopes or ("login-check",)), "00", expires_on, stamp=stamp)


def stages(installation: Installation, day: str) -> list[tuple[str, str, int]]:
    return [(end.token.name, end.code, end.stage) for end in tokens.ends(day_view_of(installation, day))]


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ("2026-10-31", None),  # 61 days before the last one
        ("2026-11-01", 60),
        ("2026-12-01", 30),
        ("2026-12-17", 14),
        ("2026-12-24", 7),
        ("2026-12-30", 1),
        ("2026-12-31", 1),
        ("2027-01-01", 0),
        ("2027-01-30", 0),
        ("2027-01-31", None),  # for 30 days after the last one
    ],
)
def test_w1_the_end_of_a_token_is_warned_of_in_the_stages_of_periods(day: str, stage: int | None) -> None:
    code = "token_ends_soon" if day <= "2026-12-31" else "token_over"
    expected = [] if stage is None else [("gateway", code, stage)]
    assert stages(with_tokens(gateway="2026-12-31", monitoring=None), day) == expected


def test_nobody_is_warned_of_a_revoked_token() -> None:
    installation = with_tokens(gateway="2026-12-31", other="2026-12-20")
    installation.revoke_token("id-gateway", stamp=at("2026-12-30"))
    assert stages(installation, "2026-12-30") == [("other", "token_over", 0)]


def test_the_next_end_comes_first() -> None:
    installation = with_tokens(b="2026-12-31", a="2026-12-31", c="2026-12-01")
    assert [name for name, _, _ in stages(installation, "2026-12-10")] == ["c", "a", "b"]


def warnings(installation: Installation, day: str) -> list[tuple[str, str, bool, int | None]]:
    warned = sentences.of_warnings(day_view_of(installation, day), ENGLISH)
    return [(one.code, one.message, one.is_urgent, one.stage) for one in warned if one.code.startswith("token")]


def test_w1_administrators_are_told_what_ends_with_a_token_and_what_to_do() -> None:
    installation = with_tokens(gateway="2026-12-31")
    make(installation, "scripts", "users", end="2026-12-31")
    to_do = "Replace it on the screen API tokens, give the new token to the program, then revoke this one."
    gateway, scripts = (
        f"The API token “{name}” (id-{name}) ends on 2026-12-31 (1 day left). After that day {then}. {to_do}"
        for name, then in (
            ("gateway", "nobody can log in through a gateway that uses it"),
            ("scripts", "programs that use it are refused"),
        )
    )
    assert warnings(installation, "2026-12-30") == [
        ("token_ends_soon", gateway, False, 1),
        ("token_ends_soon", scripts, False, 1),
    ]
    over = warnings(installation, "2027-01-01")
    assert [(code, is_urgent, stage) for code, _, is_urgent, stage in over] == [
        ("token_over", True, 0),
        ("token_over", False, 0),
    ]
    assert over[0][1].startswith(
        "The API token “gateway” (id-gateway) ended on 2026-12-31: nobody can log in through a gateway"
    )


def test_every_end_has_a_sentence() -> None:
    assert set(sentences.TOKEN_ENDS) == {
        (code, stops_logins) for code in ("token_ends_soon", "token_over") for stops_logins in (True, False)
    }


def leaver() -> tuple[Installation, str, str]:
    """Ann the administrator and Eve the auditor have made tokens; the two, by their ids."""
    installation = an_installation("ann")
    installation.grant_administrator("ann", stamp=at(MADE))
    installation.add_auditor("Eve", stamp=at(MADE))
    ann, eve = installation.account_of("ann"), installation.account_of("eve")
    assert ann is not None
    assert eve is not None
    make(installation, "gateway", by=f"user:{ann}")
    make(installation, "backup", "audit", by=f"user:{ann}", end="2026-04-30")
    make(installation, "siem", "audit", by=f"auditor:{eve}")
    make(installation, "scripts", "users")
    return installation, ann, eve


def of(account_id: str, on_day: DayView) -> list[str]:
    return [token.name for token in tokens.working_tokens_of(account_id, on_day)]


def test_s10_the_tokens_that_somebody_made_are_those_that_still_work() -> None:
    installation, ann, eve = leaver()
    assert of(ann, day_view_of(installation, MADE)) == ["backup", "gateway"]
    assert of(eve, day_view_of(installation, MADE)) == ["siem"]
    assert of(ann, day_view_of(installation, "2026-05-01")) == ["gateway"]
    installation.revoke_token("id-gateway", stamp=at("2026-05-01"))
    assert of(ann, day_view_of(installation, "2026-05-01")) == []


def left(installation: Installation) -> dict[str, bool]:
    shown = tokens.lines(day_view_of(installation, MADE), {"id-gateway": date(2026, 4, 20)})
    assert {line.token.name: line.last_used_on for line in shown if line.last_used_on} == {"gateway": date(2026, 4, 20)}
    return {line.token.name: line.maker_has_left for line in shown}


@pytest.mark.parametrize("how", ["delete_user", "revoke_administrator"])
def test_s10_a_token_is_marked_once_its_maker_has_left(how: str) -> None:
    installation, ann, eve = leaver()
    assert not any(left(installation).values())
    assert of_leaver(ann, day_view_of(installation, MADE), ENGLISH) == []
    getattr(installation, how)("ann", stamp=at(MADE))
    assert left(installation) == {"gateway": True, "backup": True, "siem": False, "scripts": False}
    (warning,) = of_leaver(ann, day_view_of(installation, MADE), ENGLISH)
    assert warning.code == "tokens_remain"
    assert warning.message == (
        "“ann” made 2 API tokens that still work: “backup” (id-backup), “gateway” (id-gateway). Revoke those that "
        "nobody needs any more."
    )
    installation.remove_auditor("eve", stamp=at(MADE))
    assert left(installation)["siem"]
    (warning,) = of_leaver(eve, day_view_of(installation, MADE), ENGLISH)
    assert warning.message == (
        "“Eve” made an API token that still works: “siem” (id-siem). Revoke it if nobody needs it any more."
    )


def test_a_list_says_how_each_token_stands() -> None:
    installation, *_ = leaver()
    installation.revoke_token("id-scripts", stamp=at(MADE))
    shown = tokens.lines(day_view_of(installation, "2026-05-01"), {})
    assert [(line.token.name, line.status) for line in shown] == [
        ("backup", "expired"),
        ("gateway", "good"),
        ("scripts", "revoked"),
        ("siem", "good"),
    ]
