"""OpenID AuthZEN Authorization API 1.0: the login check as policy enforcement points ask it.

The standard's own ways count here: members that we do not know are allowed, and what we do not know of is denied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import orjson
from flask import Blueprint, Response, current_app, request, url_for

from application import answers
from application.license_keys import day_from
from application.words.authzen import NOT_SUPPORTED, of_product
from domain.login import Decision
from domain.login_name import shown
from domain.refusals import Problem
from interface.composition import Seatledger
from interface.web.caller import language
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document
from interface.web.gateway.login_check import answer_now
from interface.web.gateway.problems import MalformedRequest, encodable
from interface.web.gateway.requests import body_of_json

Json = object  # object: what JSON can be

Members = Mapping[str, Json]

PREFIX = "/access/v1/"

MOST = 1000
"""How many evaluations are answered at once."""

ADMIN_SCREEN = "admin-screen"
"""Both a type of resource, and the id of a product's Admin screen."""

DEFAULTS = ("subject", "action", "resource", "context")

GOES_ON: dict[str, Callable[[bool], bool]] = {
    "execute_all": lambda _: True,
    "deny_on_first_deny": lambda decision: decision,
    "permit_on_first_permit": lambda decision: not decision,
}
"""Whether evaluations go on after a decision, by `evaluations_semantic`."""


class Question(NamedTuple):
    """What an evaluation asks, as far as we know of it."""

    subject: str
    login_name: str
    action: str
    resource: str
    resource_id: str
    release_date: date | None


def evaluation(caller: Caller) -> Response:
    """Whether one person may log in. Raises MalformedRequest, MediaTypeUnsupported."""
    return document(_answer(caller, _question(_object())))


def evaluations(caller: Caller) -> Response:
    """Several at once, with defaults for what they leave out; without any of them, the defaults are the one question.

    One that cannot be read is denied with an error of its own. Raises MalformedRequest, MediaTypeUnsupported.
    """
    members = _object()
    several = members.get("evaluations")
    options = members.get("options", {})
    if not isinstance(several, list | None):
        raise MalformedRequest(problem=Problem("member_no_list", name="evaluations"))
    if not isinstance(options, dict):
        raise MalformedRequest(problem=Problem("member_no_object", name="options"))
    semantic = options.get("evaluations_semantic", "execute_all")
    if not isinstance(semantic, str) or semantic not in GOES_ON:
        raise MalformedRequest(problem=Problem("semantic_unknown", known=tuple(GOES_ON)))
    if not several:
        return document(_answer(caller, _question(members)))
    if len(several) > MOST:
        raise MalformedRequest(problem=Problem("too_many_evaluations", number=len(several), most=MOST))
    defaults = {name: members[name] for name in DEFAULTS if name in members}
    decided = []
    for one in several:
        decided.append(answer := _one_of_several(caller, defaults, one))
        if not GOES_ON[semantic](answer["decision"] is True):
            break
    return document({"evaluations": decided})


def configuration(_: Seatledger) -> Response:
    """The metadata of the decision point; addresses are those of the host that was asked, which is a trusted one."""
    scheme = current_app.config["PREFERRED_URL_SCHEME"]

    def address(view: Callable[..., Response]) -> str:
        return url_for(f"gateway.{view.__name__}", _external=True, _scheme=scheme)

    return document(
        {
            "policy_decision_point": f"{scheme}://{request.host}",
            "access_evaluation_endpoint": address(evaluation),
            "access_evaluations_endpoint": address(evaluations),
        }
    )


def echo_request_ids(blueprint: Blueprint) -> None:
    """Every answer carries the X-Request-ID of its request, also a refusal."""

    def echo(response: Response) -> Response:
        request_id = request.headers.get("X-Request-ID")
        if request_id is not None and request.path.startswith(PREFIX):
            response.headers["X-Request-ID"] = request_id
        return response

    blueprint.after_request(echo)


def _object() -> Members:
    try:
        value: Json = orjson.loads(body_of_json())
    except orjson.JSONDecodeError:
        raise MalformedRequest(problem=Problem("body_unreadable", problem=Problem("not_json"))) from None
    if not isinstance(value, dict):
        raise MalformedRequest(problem=Problem("body_no_object"))
    return value


def _one_of_several(caller: Caller, defaults: Members, one: Json) -> answers.Answer:
    try:
        if not isinstance(one, dict):
            raise MalformedRequest(problem=Problem("member_no_object", name="evaluations"))
        return _answer(caller, _question({**defaults, **one}))
    except MalformedRequest as refusal:
        problem = refusal.facts["problem"]
        reason = language().clause(problem) if isinstance(problem, Problem) else str(problem)
        return {"decision": False, "context": {"error": {"status": 400, "message": encodable(reason)}}}


def _question(members: Members) -> Question:
    subject, action, resource = (_inner(members, name) for name in ("subject", "action", "resource"))
    context = _inner(members, "context") if "context" in members else {}
    release_date = context.get("release_date")
    return Question(
        _text(subject, "subject", "type"),
        _text(subject, "subject", "id"),
        _text(action, "action", "name"),
        _text(resource, "resource", "type"),
        _text(resource, "resource", "id"),
        None if release_date is None else _day("context.release_date", release_date),
    )


def _inner(members: Members, name: str) -> Members:
    if name not in members:
        raise MalformedRequest(problem=Problem("member_missing", name=name))
    value = members[name]
    if not isinstance(value, dict):
        raise MalformedRequest(problem=Problem("member_no_object", name=name))
    return value


def _text(members: Members, where: str, name: str) -> str:
    whole = f"{where}.{name}"
    if name not in members:
        raise MalformedRequest(problem=Problem("member_missing", name=whole))
    value = members[name]
    if not isinstance(value, str):
        raise MalformedRequest(problem=Problem("member_no_text", name=whole))
    return value


def _day(name: str, value: Json) -> date:
    try:
        if isinstance(value, str):
            return day_from(value)
    except ValueError:
        pass
    raise MalformedRequest(problem=Problem("parameter_no_date", name=name))


def _answer(caller: Caller, question: Question) -> answers.Answer:
    """The decision as the standard spells it; `context` says why, with the members of a login check."""
    unknown = _not_supported(question)
    if unknown is not None:
        code, what = unknown
        message = language().say(NOT_SUPPORTED[code], what=shown(what))
        return {"decision": False, "context": {"code": code, "message": message}}
    answer = answer_now(caller, question.login_name, question.release_date)
    is_permitted, code, message = _at(caller, question, answer)
    context: answers.Answer = {"code": code, "message": message}
    members = ("login_name", "optional_products", "checked_on", "position", "max_age_ms", "stale_since")
    context |= {name: answer[name] for name in members if name in answer}
    return {"decision": is_permitted, "context": context}


def _not_supported(question: Question) -> tuple[str, str] | None:
    """What of a question we know nothing of, by its code; None if we know of everything."""
    if question.subject != "user":
        return "subject_not_supported", question.subject
    if question.action != "login":
        return "action_not_supported", question.action
    if question.resource not in ("product", ADMIN_SCREEN):
        return "resource_not_supported", question.resource
    return None


def _at(caller: Caller, question: Question, answer: answers.Answer) -> tuple[bool, str, str]:
    """Whether the person may come in there, with the code and the sentence of why."""
    code, message = str(answer["code"]), str(answer["message"])
    product, wanted_product = caller.on_day.view.product, question.resource_id
    if ADMIN_SCREEN in (question.resource, wanted_product):
        if question.resource == ADMIN_SCREEN and wanted_product not in (product, ADMIN_SCREEN):
            return False, "product_not_included", of_product(wanted_product, language())
        if answer["decision"] == Decision.ADMIT and not answer["administrator"]:
            return False, "not_administrator", language().say(NOT_SUPPORTED["not_administrator"])
        return answer["decision"] in (Decision.ADMIT, Decision.ADMIN_ONLY), code, message
    if answer["decision"] != Decision.ADMIT or wanted_product == product:
        return answer["decision"] == Decision.ADMIT and wanted_product == product, code, message
    products = answer["optional_products"]
    if isinstance(products, list) and wanted_product in products:
        return True, code, message
    return False, "product_not_included", of_product(wanted_product, language())
