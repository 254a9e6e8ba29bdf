"""What a browser sends in a query or a form, looked at as bytes before any of it is taken for text."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request

from domain.refusals import Problem
from interface.front.asking import MALFORMED_ESCAPE
from interface.web.gateway.problems import MalformedRequest

PASSWORD_AGAIN = "password_again"  # noqa: S105  a field's name
"""The field of the password that is asked again. Once given it counts for five minutes; no page holds it."""

FORM_ID = "form_id"
"""The field of the id that all forms of a page carry (form_ids.py)."""

NOT_CARRIED = frozenset(("csrf_token", FORM_ID, PASSWORD_AGAIN))

_REPLACED = "\N{REPLACEMENT CHARACTER}"


def fields_to_carry() -> list[tuple[str, str]]:
    """The fields of this form, for a page that carries it: without a password and what each page makes anew."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]


def ask_well_formed() -> None:
    """Look at the query and the form of this request. Raises MalformedRequest.

    Werkzeug takes a malformed escape literally, and puts another character or the escape itself for bytes that are not
    UTF-8: somebody would be added under a name that nobody wrote.
    """
    _ask(request.query_string, escape=Problem("query_escape"), bytes_=Problem("query_not_utf8"))
    if request.mimetype == "application/x-www-form-urlencoded":
        _ask(request.get_data(), escape=Problem("form_escape"), bytes_=Problem("form_not_utf8"))
    elif request.mimetype == "multipart/form-data":
        _ask_parts(request.get_data())


def _ask(encoded: bytes, *, escape: Problem, bytes_: Problem) -> None:
    if MALFORMED_ESCAPE.search(encoded):
        raise MalformedRequest(problem=escape)
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise MalformedRequest(problem=bytes_) from None


def _ask_parts(body: bytes) -> None:
    """Fields in parts are not escaped; one that is not UTF-8 has replacement characters that the body does not have."""
    texts = (text for name, values in request.form.lists() for text in (name, *values))
    if sum(text.count(_REPLACED) for text in texts) > body.count(_REPLACED.encode()):
        raise MalformedRequest(problem=Problem("form_not_utf8"))
