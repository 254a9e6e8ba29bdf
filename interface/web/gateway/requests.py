"""What a request says, read strictly: what this version does not understand is refused, never ignored."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from application.license_keys import day_from, strict_json
from domain.login_name import shown
from domain.refusals import Problem
from interface.moments import EXAMPLE, moment_from
from interface.web.gateway.problems import MalformedRequest, MediaTypeUnsupported

MAX_LIMIT = 1000


def query(*known: str) -> dict[str, str]:
    """The query's parameters, each at most once, in percent-encoded UTF-8 (a “+” is a blank).

    Raises MalformedRequest, also for a parameter that is not among the known ones: a misspelled one would
    otherwise get the answer to another question.
    """
    text: str = request.environ.get("QUERY_STRING", "")
    parameters: dict[str, str] = {}
    if not text:
        return parameters
    if not text.isascii():
        raise MalformedRequest(problem=Problem("query_not_encoded"))
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if name not in known:
            code = "parameter_unknown" if known else "no_parameters"
            raise MalformedRequest(problem=Problem(code, name=shown(name), known=known))
        if not equals or name in parameters:
            raise MalformedRequest(problem=Problem("parameter_once", name=name))
        try:
            parameters[name] = unquote(value.replace("+", " "), errors="strict")
        except UnicodeDecodeError:
            raise MalformedRequest(problem=Problem("parameter_not_utf8", name=name)) from None
    return parameters


def day_of(parameters: dict[str, str], name: str) -> date | None:
    """A day YYYY-MM-DD; None if unsaid. Raises MalformedRequest."""
    text = parameters.get(name)
    if text is None:
        return None
    try:
        return day_from(text)
    except ValueError:
        raise MalformedRequest(problem=Problem("parameter_no_date", name=name)) from None


def moment_of(parameters: dict[str, str], name: str) -> datetime | None:
    """A moment of RFC 3339; None if unsaid. Raises MalformedRequest."""
    text = parameters.get(name)
    if text is None:
        return None
    try:
        return moment_from(text)
    except ValueError:
        code = "parameter_no_moment_plus" if " " in text else "parameter_no_moment"
        raise MalformedRequest(problem=Problem(code, name=name, example=EXAMPLE)) from None


def number_of(parameters: dict[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """A whole number in ASCII digits. Raises MalformedRequest."""
    text = parameters.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
        return int(text)
    raise MalformedRequest(problem=Problem("parameter_no_number", name=name, least=least, most=most))


def body(required: dict[str, type], optional: dict[str, type] | None = None) -> dict[str, Any]:
    """The members of the JSON object in the body, each of its type. Raises MediaTypeUnsupported, MalformedRequest."""
    if request.mimetype != "application/json":
        raise MediaTypeUnsupported
    try:
        members = strict_json.parse(_whole_body())
    except strict_json.NotStrictJson as error:
        raise MalformedRequest(problem=Problem("body_unreadable", problem=error.problem)) from None
    if not isinstance(members, dict):
        raise MalformedRequest(problem=Problem("body_no_object"))
    types = required | (optional or {})
    for name in members:
        if name not in types:
            raise MalformedRequest(problem=Problem("member_unknown", name=shown(name), known=list(types)))
    for name in required:
        if name not in members:
            raise MalformedRequest(problem=Problem("member_missing", name=name))
    for name, value in members.items():
        # By type and not by isinstance: true is no number.
        if type(value) is not types[name]:
            raise MalformedRequest(problem=Problem(_TYPES[types[name]], name=name))
    return members


def _whole_body() -> bytes:
    """The body as it was sent. Raises RequestEntityTooLarge, also where Werkzeug would only cut it: in chunks."""
    data = request.get_data(cache=False)
    if request.content_length is None and len(data) >= (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge
    return data


_TYPES = {str: "member_no_text", bool: "member_no_truth", int: "member_no_number"}
"""The problem of a member that is not of its type."""
