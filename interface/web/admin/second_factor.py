"""Your second factor: turned on with an authenticator app, with recovery codes, and turned off again."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.confirmation import question
from interface.web.admin.sign_in import retry_after
from interface.web.audiences import status_of

blueprint = Blueprint("second_factor", __name__, url_prefix="/second-factor")

ISSUER = "Seatledger"


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    """A new secret; a factor that is on stays on until the new one is confirmed."""
    if page := question():
        return page
    caller.accounts().begin_second_factor(caller.account(), issuer=_issuer())
    return redirect(url_for(".screen"), 303)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """The recovery codes go into this very answer: no cookie and no other page holds them."""
    if page := question():
        return page
    codes = caller.accounts().confirm_second_factor(
        caller.account(), request.form.get("code", ""), source=caller.source()
    )
    return _screen(codes=codes)


@blueprint.post("/off")
def turn_off() -> ResponseReturnValue:
    if page := question():
        return page
    caller.accounts().turn_second_factor_off(caller.account(), source=caller.source())
    flash(caller.language().say("Your second factor is off."), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int, dict[str, str]]:
    return _screen(refusal=refusal), status_of(refusal), retry_after(refusal)


def _screen(*, codes: list[str] | None = None, refusal: Refused | None = None) -> str:
    accounts, account = caller.accounts(), caller.account()
    waiting = accounts.waiting_second_factor(account, issuer=_issuer())
    return render_template(
        "second_factor.html",
        is_on=accounts.has_second_factor(account),
        is_required=caller.seatledger().settings.is_second_factor_required,
        codes_left=accounts.recovery_codes_left(account),
        waiting=waiting,
        picture=_picture(waiting.address) if waiting else None,
        codes=codes,
        refusal=refusal,
    )


def _issuer() -> str:
    return f"{ISSUER} {caller.view().name}"


def _picture(address: str) -> Markup:
    """The QR code as inline SVG. Dark on light in both themes: cameras read it so."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr-code", omitsize=True)
    return Markup(svg)  # noqa: S704  the library's own markup; the address is drawn, not written
