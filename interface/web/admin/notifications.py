"""Notifications: webhooks that tell other programs what happens here, and mail that warns; how far each has got."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.views.day_view import DayView
from application.webhooks import ASYMMETRIC, DELIVERED, KINDS, Webhook
from application.words.webhooks import ADDED_WITH_KEY, STOPPED, last_failure, last_mail_failure, place_of
from domain.refusals import Refused
from interface.web import caller, form_ids
from interface.web.admin.confirmation import question
from interface.web.audiences import status_of
from interface.web.local_time import local_time

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("/webhooks")
def add() -> ResponseReturnValue:
    if page := question():
        return page
    signature = request.form.get("signature", ASYMMETRIC)
    new = caller.seatledger().webhooks.add(
        request.form.get("url", "").strip(),
        [each for each in request.form.getlist("type") if each],
        caller.now().position,
        signature=signature if signature in KINDS else ASYMMETRIC,
        command_id=form_ids.command().command_id,
    )
    flash(caller.language().say("The webhook {id} was added.", id=new.webhook.id), "done")
    about = caller.language().say(ADDED_WITH_KEY[new.webhook.signature])
    flash({"about": about, "text": new.key}, "webhook")  # type: ignore[arg-type]
    return redirect(url_for(".screen"), 303)


@blueprint.post("/webhooks/test")
def test() -> Response:
    form_ids.let_come_again()
    caller.seatledger().deliveries.test(caller.installation_id(), _id())
    flash(caller.language().say("The test of the webhook {id} arrived.", id=_id()), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.post("/webhooks/stop")
def stop() -> Response:
    caller.seatledger().webhooks.stop(_id())
    flash(caller.language().say("The webhook {id} is turned off; what happens waits.", id=_id()), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.post("/webhooks/resume")
def resume() -> Response:
    caller.seatledger().webhooks.resume(_id())
    flash(caller.language().say("The webhook {id} goes on where it stood still.", id=_id()), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.post("/webhooks/remove")
def remove() -> Response:
    caller.seatledger().webhooks.remove(_id())
    flash(caller.language().say("The webhook {id} was removed.", id=_id()), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(refusal), status_of(refusal)


@blueprint.post("/mail/test")
def test_mail() -> Response:
    form_ids.let_come_again()
    addresses = caller.seatledger().mail.test(caller.installation_id())
    text = caller.language().say(
        "The mail server took the test. Look whether it arrives: {addresses}",
        addresses=caller.language().list(addresses),
    )
    flash(text, "done")
    return redirect(url_for(".screen"), 303)


def _id() -> str:
    return request.form.get("webhook_id", "")


def _screen(refusal: Refused | None = None) -> str:
    now, webhooks = caller.now(), caller.seatledger().webhooks.all()
    return render_template(
        "notifications.html",
        webhooks=[_line(webhook, now) for webhook in webhooks],
        types=DELIVERED,
        mail=_mail(now.view.time_zone),
        refusal=refusal,
    )


def _mail(time_zone: str) -> dict[str, object] | None:  # object: what the template shows
    """How the mail stands; None if there is none."""
    state = caller.seatledger().mail.state()
    if state is None:
        return None
    receiver = state.receiver
    moment = receiver.delivered_at if receiver else None
    return {
        "to": caller.language().list(state.account.recipients),
        "sender": state.account.sender,
        "host": state.account.host,
        "sent_at": local_time(moment, time_zone) if moment else None,
        "failure": receiver
        and last_mail_failure(receiver, caller.language(), lambda moment: local_time(moment, time_zone)),
    }


def _line(webhook: Webhook, now: DayView) -> dict[str, object]:  # object: what the template shows
    language, time_zone = caller.language(), now.view.time_zone
    moment = webhook.delivered_at
    return {
        "id": webhook.id,
        "place": place_of(webhook, whole=not caller.account().is_auditor),
        "signature": webhook.signature,
        "types": None if webhook.gets_everything else ", ".join(webhook.types),
        "is_stopped": webhook.stopped is not None,
        "stopped": STOPPED.get(webhook.stopped or ""),
        "is_urgent": webhook.was_given_up,
        "failure": last_failure(webhook, language, lambda at: local_time(at, time_zone)),
        "delivered_at": local_time(moment, time_zone) if moment else None,
        "waiting": webhook.waiting(now.position),
    }
