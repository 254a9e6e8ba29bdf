"""Lines of the security log as its two screens show them: everybody's for auditors, one's own for each account."""

from __future__ import annotations

from typing import NamedTuple

from flask import request

from application.security_log import Before, SecurityPage
from application.views.entitlement import Entitlement
from application.words.security import of_security_line
from interface.web import caller
from interface.web.local_time import local_time

PAGE = 50


class Line(NamedTuple):
    """One line; `moment` is local, `address` is None for an event, `position` for anything else."""

    moment: str
    sentence: str
    address: str | None
    position: int | None


def page_of(account_id: str | None = None) -> SecurityPage:
    """The page that the address asks for; of everybody, or of one account."""
    before = Before(_number("line"), _number("position"))
    return caller.seatledger().security_log.page(
        caller.installation_id(), limit=PAGE, before=before, account_id=account_id
    )


def lines_of(page: SecurityPage, view: Entitlement) -> list[Line]:
    return [
        Line(
            moment=local_time(line.moment, view.time_zone),
            sentence=of_security_line(line, view, caller.language()),
            address=line.sign_in.address if line.sign_in else None,
            position=line.entry.position if line.entry else None,
        )
        for line in page.lines
    ]


def _number(name: str) -> int | None:
    """A number in the address, which our own link wrote; anything else begins with the newest line."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
