"""A new password as a form gives it: twice, so that a slip of the finger locks nobody out."""

from __future__ import annotations

from flask import request

from domain.refusals import Refused


class PasswordsDiffer(Refused):
    """The new password was not typed the same twice."""

    code = "passwords_differ"


def new_password() -> str:
    """The new password of the form. Raises PasswordsDiffer."""
    password = request.form.get("new_password", "")
    if password != request.form.get("new_password_again", ""):
        raise PasswordsDiffer
    return password
