"""The global navigation: the one place that says which screens there are, in which order, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, NamedTuple

from flask import g, request

from application.accounts import Account
from application.views.day_view import DayView
from application.words import sentences
from application.words.messages import Message, message
from application.words.webhooks import of_given_up
from interface.web import caller
from interface.web.admin.banners import Banner, banners
from interface.web.signing import signing_refused

VERSION = version("seatledger")


class Entry(NamedTuple):
    """A screen, or a menu of screens: then without an endpoint of its own."""

    label: Message
    endpoint: str | None = None
    entries: tuple[Entry, ...] = ()
    about: Message = ""
    below: tuple[Entry, ...] = ()
    """Screens that one comes to from this one alone."""

    @property
    def blueprint(self) -> str | None:
        return self.endpoint.partition(".")[0] if self.endpoint else None

    def leads_to(self, blueprint: str | None) -> bool:
        return blueprint is not None and any(
            entry.blueprint == blueprint for entry in (self, *self.entries, *self.below)
        )


YOUR_CALENDAR = Entry(message("Your calendar"), "calendar.screen")
"""For administrators, who are warned; nobody else is (K11)."""

SYSTEM_SETTINGS = Entry(message("System Settings"), "system_settings.screen")

GLOBAL = (
    Entry(
        message("System Operation"),
        entries=(
            Entry(
                message("License"),
                "license.screen",
                about=message("Register a license key; see what is licensed and until when."),
            ),
        ),
    ),
    Entry(
        message("Users"),
        "users.screen",
        about=message("Add, rename, delete and restore users; say who is an administrator."),
        below=(Entry(message("Import users"), "user_import.screen"),),
    ),
    Entry(message("Auditors"), "auditors.screen", about=message("People who read everything here and change nothing.")),
    Entry(message("API tokens"), "tokens.screen", about=message("For the login gateway and other programs.")),
    Entry(
        message("Notifications"),
        "notifications.screen",
        about=message("Webhooks and mail: who is told what happens here."),
    ),
    Entry(
        message("Audit"),
        entries=(
            Entry(
                message("History"),
                "history.screen",
                about=message("What happened, newest first: who did what, with which effect."),
            ),
            Entry(
                message("As it was then"),
                "past.screen",
                about=message("The license, a login and the users at an earlier moment."),
            ),
            Entry(
                message("Overview"),
                "overview.screen",
                about=message("The state of the log, its checkpoints and its key."),
            ),
            Entry(
                message("Sign-ins"),
                "sign_ins.screen",
                about=message("Who signed in here or failed to, from where, and who was given rights."),
            ),
        ),
    ),
)

OWN = (
    SYSTEM_SETTINGS,
    Entry(message("Your password"), "own_password.screen"),
    Entry(message("Your second factor"), "second_factor.screen"),
    Entry(message("Your sign-ins"), "own_sign_ins.screen"),
    Entry(message("Your language"), "own_language.screen"),
    YOUR_CALENDAR,
)
"""What opens under the login name; signing out is a form and stands in the template."""


def screens() -> Iterator[Entry]:
    """Every screen of the global navigation."""
    for entry in GLOBAL:
        yield from entry.entries or (entry,)


def trail(blueprint: str | None) -> list[Entry]:
    """The breadcrumb that leads to a screen: System Settings > System Operation > License."""
    for entry in GLOBAL:
        if entry.leads_to(blueprint):
            inner = [screen for screen in (*entry.entries, *entry.below) if screen.blueprint == blueprint]
            return [SYSTEM_SETTINGS, entry, *inner]
    return []


def shown_on_every_page() -> dict[str, Any]:  # Any: what a template takes
    """What the layout shows to somebody signed in; warnings to administrators, and nobody else (K11)."""
    account: Account | None = g.get("account")
    if account is None:
        return {"account": None}
    now = caller.now()
    return {
        "version": VERSION,
        "vendor_contact": caller.seatledger().settings.vendor_contact,
        "account": account,
        "may_change": not account.is_auditor,
        "installation_name": now.view.name,
        "navigation": GLOBAL,
        "own_navigation": [entry for entry in OWN if entry is not YOUR_CALENDAR or not account.is_auditor],
        "trail": trail(request.blueprint),
        "banners": [] if account.is_auditor else _banners(now),
        "signing_refused": signing_refused,
        "paper_line": paper_line,
    }


def paper_line(then: DayView | None = None) -> str:
    """What stands on each page on paper: of which installation, on which day and after which event; now, or then."""
    shown = then or caller.now()
    return caller.language().say(
        "{name}, {day} ({time_zone}), after event {position}",
        name=shown.view.name,
        day=shown.day,
        time_zone=shown.time_zone,
        position=shown.position,
    )


def _banners(now: DayView) -> list[Banner]:
    language = caller.language()
    off = of_given_up(caller.seatledger().webhooks.all(), language)
    return banners([*sentences.of_banners(now, language), *off], request.blueprint)
