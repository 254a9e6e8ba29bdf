"""The API as OpenAPI 3.1 has it, out of the routes' own declarations: nothing is declared a second time for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import get_origin

from application.last_days import MOST_NAMES
from interface.web.audiences import STATUSES
from interface.web.gateway.answer_schemas import MEMBERS, OPTIONAL, OTHERWISE, Schema
from interface.web.gateway.requests import (
    LANGUAGE_TAG,
    Body,
    Day,
    LanguageTag,
    Member,
    Moment,
    MomentOrDay,
    Number,
    Parameter,
    Text,
    Truth,
    Word,
)
from interface.web.gateway.route import Route

DESCRIPTION = """Which license is in force, who may log in, and what has happened.

Every answer is a JSON object; a refusal is a problem document (RFC 9457), whose `code` never changes its meaning.
What is not declared here is refused, not ignored. docs/api.md tells more."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request with the same key is carried out once, and answered alike "
    "(draft-ietf-httpapi-idempotency-key-header).",
    "schema": {"type": "string"},
}

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Where a page tells of all problems with this code: /problems/CODE.",
        },
        "title": {"type": "string", "description": "The same for all problems with this code."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What programs go by."},
        "detail": {"type": "string", "description": "A sentence for people: what is wrong, and what to do."},
        "request_id": {"type": "string", "description": "By which the server's log tells more, where it does."},
    },
}

SUMMARIES = {
    "login_check": "May this person log in, and with which optional products? With `as_of` or `position`: then",
    "forward_auth": "The same for a reverse proxy: 200 lets the person of X-Login-Name in, 403 does not",
    "evaluation": "The same as OpenID AuthZEN 1.0 asks it",
    "evaluations": "Several of those questions at once",
    "configuration": "Where AuthZEN's questions are asked",
    "show_license": "The license: Valid, In use, Available, both periods, warnings, and what comes next",
    "list_license_keys": "Every license key that was registered, without its text",
    "register_license_key": "Register a license key; what would make anything worse asks to be confirmed",
    "preview_license_key": "What a license key would do, day by day; nothing is registered",
    "show_cover": "Whether a version of the product that was released on a day is covered",
    "list_users": "Users by name, a page at a time",
    "add_user": "Add a user",
    "show_user": "One user, present or deleted",
    "delete_user": "Delete a user; deleting one who is deleted changes nothing",
    "restore_user": "Restore a deleted user, as an ordinary one",
    "rename_user": "Give a user another login name",
    "erase_user": "Forget a deleted user's name for ever",
    "grant_administrator": "Make a user an administrator",
    "revoke_administrator": "Make an administrator an ordinary user",
    "show_history": "What happened: events in the order of the log, a page at a time",
    "report_last_seen": "Say who logged in on a day, so that unused licenses are found; days alone are kept",
    "snapshot": "All decisions in advance, signed, for a gateway that goes on without Seatledger",
    "livez": "Whether the process runs",
    "readyz": "Whether logins can be decided",
}
"""What each operation is for, by its endpoint."""

TYPES: dict[type, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    list: {"type": "array", "items": {"type": "string"}, "maxItems": MOST_NAMES},
}


def openapi(routes: Iterable[Route]) -> Schema:
    """The document: JSON that https://spec.openapis.org/oas/v3.1.0 describes."""
    paths: dict[str, Schema] = {}
    for route in routes:
        path = re.sub(r"<(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    codes = sorted({*STATUSES.values(), 500, 503})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seatledger",
            "version": version("seatledger"),
            "description": DESCRIPTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token; it needs one of the scopes that an operation names.",
                }
            },
            "schemas": {"Problem": {**PROBLEM, "description": f"A refusal; its status is one of {codes}."}},
            "responses": {
                "Refused": {
                    "description": "It was refused, and nothing was changed; `code` says why.",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def _operation(route: Route) -> Schema:
    operation: Schema = {
        "operationId": route.endpoint,
        "summary": SUMMARIES[route.endpoint],
        "security": [{"token": [scope]} for scope in route.scopes] if route.scopes else [],
        "parameters": list(_parameters(route)),
        "responses": {
            **{str(status): _answer(route) for status in route.answer.statuses},
            "default": {"$ref": "#/components/responses/Refused"},
        },
    }
    if route.body is not None:
        operation["requestBody"] = _body(route.body)
    elif route.is_question:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    return operation


def _parameters(route: Route) -> Iterator[Schema]:
    for name in re.findall(r"<(\w+)>", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    for parameter in route.query.parameters if route.query else ():
        yield _parameter(parameter)
    for header in route.headers:
        yield {"name": header.name, "in": "header", "description": header.description, "schema": {"type": "string"}}
    if route.method != "GET" and not route.is_question:
        yield IDEMPOTENCY_KEY


def _parameter(parameter: Parameter) -> Schema:
    schema = _of_kind(parameter.kind)
    if parameter.default is not None:
        schema["default"] = parameter.default
    declared: Schema = {"name": parameter.name, "in": "query", "schema": schema}
    if parameter.required:
        declared["required"] = True
    notes = []
    if parameter.excludes:
        notes.append(f"Not beside `{parameter.excludes}`.")
    if parameter.needs:
        notes.append(f"Only beside `{parameter.needs}`.")
    if notes:
        declared["description"] = " ".join(notes)
    return declared


def _of_kind(kind: Text | Truth | Day | Moment | MomentOrDay | LanguageTag | Number | Word) -> Schema:
    match kind:
        case Text(may_be_empty):
            return {"type": "string"} if may_be_empty else {"type": "string", "minLength": 1}
        case Truth():
            return {"type": "boolean"}
        case Day():
            return {"type": "string", "format": "date"}
        case Moment():
            return {"type": "string", "format": "date-time"}
        case MomentOrDay():
            formats = ({"type": "string", "format": each} for each in ("date-time", "date"))
            return {"anyOf": list(formats)}
        case Number(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case LanguageTag():
            return {"type": "string", "pattern": f"^{LANGUAGE_TAG.pattern}$"}
        case Word(word):
            return {"type": "string", "const": word}


def _body(body: Body) -> Schema:
    required = [member.name for member in body.members if member.required]
    schema: Schema = {
        "type": "object",
        "properties": {member.name: _of_member(member) for member in body.members},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _of_member(member: Member) -> Schema:
    schema = (
        _of_kind(member.kind) if isinstance(member.kind, Day) else {**TYPES[get_origin(member.kind) or member.kind]}
    )
    if member.default is not None:
        schema["default"] = member.default
    return schema


def _answer(route: Route) -> Schema:
    schemas = {**MEMBERS, **OTHERWISE.get(route.endpoint, {})}
    optional = OPTIONAL.get(route.endpoint, ())
    return {
        "description": "What is so now.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {name: schemas[name] for name in route.answer.members},
                    "required": [name for name in route.answer.members if name not in optional],
                }
            }
        },
    }
