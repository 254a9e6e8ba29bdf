"""Audit > Sign-ins: the security log of everybody, for auditors and administrators."""

from __future__ import annotations

from flask import Blueprint, render_template

from interface.web import caller
from interface.web.security_lines import lines_of, page_of

blueprint = Blueprint("sign_ins", __name__, url_prefix="/audit/sign-ins")


@blueprint.get("")
def screen() -> str:
    view, page = caller.view(), page_of()
    return render_template(
        "audit/sign_ins.html",
        lines=lines_of(page, view),
        older=page.before,
        days=caller.seatledger().settings.sign_ins_days,
        time_zone=view.time_zone,
    )
