"""Audit > Overview: the state of the log, its checkpoints and its key, and the pictures."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from application.proof.notes import LogKeyUnusable
from application.proof.verify_export import to_base64
from application.self_checks import Severity
from application.words.findings import in_words
from application.words.messages import plural
from application.words.refusals import sentence
from domain.refusals import Refused
from interface.web import caller, pictures
from interface.web.audiences import status_of
from interface.web.local_time import local_time

SHOWN_ABOVE = ("history_altered", "signing_refused", "signer_memory_unusable")
"""What stands on every Audit screen as an alarm already."""

blueprint = Blueprint("overview", __name__, url_prefix="/audit/overview")


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("/checkpoint")
def take_checkpoint() -> ResponseReturnValue:
    """Sign what is there.

    Auditors may: it changes no event and nobody's rights, and an auditor who had to ask an administrator for it
    would have to trust them.
    """
    audit, id_ = caller.seatledger().audit, caller.installation_id()
    before = audit.checkpoints(id_)[-1:]
    audit.take_checkpoint(id_)
    newest = audit.checkpoints(id_)[-1]
    if [checkpoint.size for checkpoint in before] == [newest.size]:
        text = plural(
            "Nothing was recorded since the newest checkpoint, over {number} event.",
            "Nothing was recorded since the newest checkpoint, over {number} events.",
        )
        flash(caller.language().say(text, number=newest.size), "note")
    else:
        text = plural(
            "A checkpoint over {number} event was signed. Download it and keep it elsewhere.",
            "A checkpoint over {number} events was signed. Download it and keep it elsewhere.",
        )
        flash(caller.language().say(text, number=newest.size), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """The newest checkpoint as a file: the signed note, as it is to be kept."""
    checkpoints = caller.seatledger().audit.checkpoints(caller.installation_id())
    if not checkpoints:
        raise NotFound
    response = Response(checkpoints[-1].note, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="checkpoint-{checkpoints[-1].size}.txt"'
    return response


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(refusal), status_of(refusal)


def _screen(refusal: Refused | None = None) -> str:
    audit, now = caller.seatledger().audit, caller.now()
    view = now.view
    checkpoints = audit.checkpoints(view.installation_id)
    newest = checkpoints[-1] if checkpoints else None
    try:
        key, key_problem = audit.public_key(view.installation_id), None
    except LogKeyUnusable as unusable:
        key, key_problem = None, sentence(unusable, caller.language())
    findings = [
        (finding, in_words(finding, caller.language()))
        for finding in caller.seatledger().self_checks.findings(view.installation_id)
        if finding.code not in SHOWN_ABOVE
    ]
    return render_template(
        "audit/overview.html",
        view=view,
        checkpoints=len(checkpoints),
        newest=newest,
        root=to_base64(newest.root) if newest else None,
        taken=local_time(datetime.fromisoformat(newest.taken_at), view.time_zone) if newest else None,
        since=view.position - (newest.size if newest else 0),
        key=key,
        key_problem=key_problem,
        pictures=pictures.of_day(now, caller.language()),
        refusal=refusal,
        findings=findings,
        vendor_keys=[*(caller.licensing().views.keyring() or ())],
        is_alarming=any(finding.severity is Severity.ALARM for finding, _ in findings),
    )
