"""A form whose session was over when it was sent: it is kept through the sign-in, and shown again to be sent (C-12)."""

from __future__ import annotations

from typing import NamedTuple

from flask import request

from application.words.messages import Message, message
from interface.web.forms import fields_to_carry

TO = "carried-to"
FIELD = "carried-"
"""Fields of the sign-in's form: the endpoint that the other form was for, and that form's own fields."""

BUTTONS: dict[str, Message] = {
    "license.register": message("Register License"),
    "license.preview": message("Check key"),
    "users.add": message("Add user"),
    "users.delete": message("Delete"),
    "users.restore": message("Restore"),
    "users.grant": message("Make administrator"),
    "users.revoke": message("Revoke administrator"),
    "users.rename": message("Rename"),
    "users.erase": message("Erase name…"),
    "auditors.add": message("Add auditor"),
    "auditors.remove": message("Remove auditor"),
    "auditors.erase": message("Erase name…"),
    "tokens.create": message("Make token"),
}
"""The endpoints whose forms are kept, and what their buttons say. Passwords and codes are no part of these."""

LABELS: dict[str, Message] = {
    "license_key": message("License Key"),
    "login_name": message("Login name"),
    "new_name": message("New login name"),
    "login_names": message("Login names, one a line"),
    "administrator": message("Administrator"),
    "name": message("Name"),
    "scope": message("Scope"),
    "expires_after": message("Days until it ends"),
}
"""The fields that whoever typed them is shown again."""


class Form(NamedTuple):
    """A form that was not carried out: for which endpoint, and its fields."""

    endpoint: str
    fields: list[tuple[str, str]]

    @property
    def button(self) -> Message:
        return BUTTONS[self.endpoint]

    @property
    def shown(self) -> list[tuple[Message, str]]:
        """What was typed, with its labels."""
        return [(LABELS[name], value) for name, value in self.fields if name in LABELS]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """As fields of the sign-in's form."""
        return [(TO, self.endpoint), *((FIELD + name, value) for name, value in self.fields)]


def of_request() -> Form | None:
    """The form of this request, which came without a session; None if it is not one that is kept."""
    if request.endpoint not in BUTTONS:
        return None
    return Form(request.endpoint, fields_to_carry())


def of_sign_in() -> Form | None:
    """The form that the sign-in's own form carries; None if it carries none."""
    endpoint = request.form.get(TO, "")
    if endpoint not in BUTTONS:
        return None
    fields = [
        (name.removeprefix(FIELD), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(FIELD) and name != TO
    ]
    return Form(endpoint, fields)
