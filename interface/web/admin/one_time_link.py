"""The one-time link with which somebody new sets a password: made here, and shown once to whoever asked for it."""

from __future__ import annotations

from flask import current_app, flash, url_for

from interface.web import caller


def offer_link(name: str) -> None:
    """Make a link for the administrator or auditor of this name, for the next page to show. Raises UnknownAccount.

    It goes to that page in the cookie that holds the session itself, and is gone from it once shown.
    """
    accounts, installation_id = caller.accounts(), caller.installation_id()
    token = accounts.make_link(installation_id, name)
    address = url_for(
        "password_link.screen", link=token, _external=True, _scheme=current_app.config["PREFERRED_URL_SCHEME"]
    )
    flash({"name": accounts.account(installation_id, name).name, "address": address}, "link")  # type: ignore[arg-type]
