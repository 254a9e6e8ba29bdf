"""The HTTP API for programs: its routes, each with all that it promises (docs/api.md)."""

from __future__ import annotations

from flask import Blueprint, Flask

from application.views.newest import LAST_POSITION
from interface.composition import Seatledger
from interface.web.gateway import (
    denied,
    evaluations,
    forward_auth,
    health,
    history,
    last_days,
    license,
    login_check,
    metrics,
    problem_types,
    problems,
    replay,
    snapshot,
    users,
)
from interface.web.gateway.documents import document
from interface.web.gateway.openapi import openapi
from interface.web.gateway.requests import (
    MAX_LIMIT,
    Body,
    Day,
    LanguageTag,
    Member,
    Number,
    Parameter,
    Query,
    Text,
    Truth,
    Word,
)
from interface.web.gateway.route import Answer, Route, handler

__all__ = ["OPENAPI", "ROUTES", "Route", "register"]

RELEASE_DATE = Parameter("release_date", Day())

LIMIT = Parameter("limit", Number(1, MAX_LIMIT), default=100)

USER = Answer(("user", "warnings"))
"""What every route about one user answers with."""

EVALUATION = Answer(("decision", "context"))

ROUTES = (
    Route(
        "GET",
        "/api/v1/login-check",
        login_check.login_check,
        scopes=("login-check", "audit"),
        query=Query(
            Parameter("login_name", Text(), required=True),
            RELEASE_DATE,
            Parameter("lang", LanguageTag(), renamed="_lang"),
            replay.AS_OF,
            replay.POSITION,
            replay.ON,
        ),
        answer=Answer(
            (
                "login_name",
                "decision",
                "code",
                "message",
                "optional_products",
                "administrator",
                "license",
                "checked_on",
                "position",
            )
        ),
        while_away=True,
    ),
    Route(
        "GET",
        "/forward-auth",
        forward_auth.forward_auth,
        scopes=("login-check",),
        query=Query(Parameter("for", Word("admin"), renamed="door"), RELEASE_DATE),
        headers=(forward_auth.LOGIN_NAME,),
        answer=Answer(("decision", "code", "message"), statuses=(200, 403)),
        while_away=True,
    ),
    Route(
        "POST",
        "/access/v1/evaluation",
        evaluations.evaluation,
        scopes=("login-check",),
        query=None,
        answer=EVALUATION,
        while_away=True,
        is_question=True,
    ),
    Route(
        "POST",
        "/access/v1/evaluations",
        evaluations.evaluations,
        scopes=("login-check",),
        query=None,
        answer=Answer(("evaluations",)),  # or EVALUATION, if there is one question alone
        while_away=True,
        is_question=True,
    ),
    Route(
        "GET",
        "/.well-known/authzen-configuration",
        evaluations.configuration,
        scopes=None,
        query=None,
        answer=Answer(("policy_decision_point", "access_evaluation_endpoint", "access_evaluations_endpoint")),
    ),
    Route(
        "GET",
        "/api/v1/license",
        license.show_license,
        scopes=("license", "audit"),
        query=Query(replay.AS_OF, replay.POSITION, replay.ON),
        answer=Answer(
            (
                "installation_id",
                "name",
                "product",
                "time_zone",
                "license",
                "warnings",
                "if_nobody_acts",
                "checked_on",
                "position",
            )
        ),
    ),
    Route(
        "GET",
        "/api/v1/license-keys",
        license.list_license_keys,
        scopes=("license", "audit"),
        query=Query(replay.AS_OF, replay.POSITION, replay.ON),
        answer=Answer(("license_keys", "checked_on", "position")),
    ),
    Route(
        "POST",
        "/api/v1/license-keys",
        license.register_license_key,
        scopes=("license",),
        body=Body(
            Member("license_key", str),
            Member("confirm", bool, required=False, default=False),
            Member("confirmation", str, required=False),
        ),
        answer=Answer(
            ("result", "message", "takes_effect_on", "license", "cancelled", "cancelled_by", "warnings"),
            statuses=(201, 200),
        ),
    ),
    Route(
        "POST",
        "/api/v1/license-keys/preview",
        license.preview_license_key,
        scopes=("license",),
        body=Body(Member("license_key", str)),
        answer=Answer(
            (
                "result",
                "message",
                "takes_effect_on",
                "needs_confirmation",
                "confirmation",
                "would_happen",
                "days",
                "gaps",
                "cancelled",
                "no_way_back",
                "checked_on",
                "position",
            )
        ),
    ),
    Route(
        "GET",
        "/api/v1/license/covers",
        license.show_cover,
        scopes=("license", "login-check", "audit"),
        query=Query(Parameter("release_date", Day(), required=True), replay.AS_OF, replay.POSITION, replay.ON),
        answer=Answer(
            (
                "release_date",
                "covered",
                "code",
                "last_release_date",
                "key_needed",
                "message",
                "checked_on",
                "position",
            )
        ),
    ),
    Route(
        "GET",
        "/api/v1/users",
        users.list_users,
        scopes=("users", "audit"),
        query=Query(
            Parameter("after", Text(), default=""),
            LIMIT,
            Parameter("search", Text(), default=""),
            Parameter("deleted", Truth()),
            Parameter("administrator", Truth()),
        ),
        answer=Answer(("users", "next")),
    ),
    Route(
        "POST",
        "/api/v1/users",
        users.add_user,
        scopes=("users",),
        body=Body(Member("login_name", str), Member("administrator", bool, required=False, default=False)),
        answer=USER._replace(statuses=(201,)),
    ),
    Route("GET", "/api/v1/users/<login_name>", users.show_user, scopes=("users", "audit"), answer=USER),
    Route("DELETE", "/api/v1/users/<login_name>", users.delete_user, scopes=("users",), answer=USER),
    Route("POST", "/api/v1/users/<login_name>/restore", users.restore_user, scopes=("users",), answer=USER),
    Route(
        "POST",
        "/api/v1/users/<login_name>/rename",
        users.rename_user,
        scopes=("users",),
        body=Body(Member("login_name", str, renamed="new_name")),
        answer=USER,
    ),
    Route(
        "POST",
        "/api/v1/users/<login_name>/erase",
        users.erase_user,
        scopes=("users",),
        body=Body(Member("free_name", bool, required=False, default=False)),
        answer=Answer(("account_id", "warnings")),
    ),
    Route(
        "PUT",
        "/api/v1/users/<login_name>/administrator",
        users.grant_administrator,
        scopes=("administrators",),
        answer=USER,
    ),
    Route(
        "DELETE",
        "/api/v1/users/<login_name>/administrator",
        users.revoke_administrator,
        scopes=("administrators",),
        answer=USER,
    ),
    Route(
        "GET",
        "/api/v1/history",
        history.show_history,
        scopes=("audit",),
        query=Query(
            Parameter("after", Number(0, LAST_POSITION), default=0),
            LIMIT,
            Parameter("event", Text(may_be_empty=False)),
            Parameter("login_name", Text(may_be_empty=False)),
            Parameter("by", Text(may_be_empty=False)),
            Parameter("from", Day(), renamed="first_day"),
            Parameter("to", Day(), renamed="last_day"),
        ),
        answer=Answer(("events", "next")),
    ),
    Route(
        "POST",
        "/api/v1/last-seen",
        last_days.report_last_seen,
        scopes=("login-check",),
        body=Body(Member("day", Day()), Member("login_names", list[str])),
        answer=Answer(("day", "known", "unknown")),
    ),
    Route(
        "GET",
        "/api/v1/snapshot",
        snapshot.snapshot,
        scopes=("snapshot",),
        answer=Answer(("protected", "payload", "signature")),
    ),
    Route("GET", "/livez", health.livez, scopes=None, query=None, answer=Answer(("status",))),
    # "findings" for a token of the scope audit alone.
    Route("GET", "/readyz", health.readyz, scopes=None, query=None, answer=Answer(("status", "findings"))),
)
"""Every route of the API."""

OPENAPI = openapi(ROUTES)
"""The same as an OpenAPI document."""


def register(app: Flask) -> None:
    """Adds the API to the application; `app.extensions["seatledger"]` is there already."""
    seatledger: Seatledger = app.extensions["seatledger"]
    blueprint = Blueprint("gateway", __name__)
    problems.answer_errors_of(blueprint)
    for route in ROUTES:
        blueprint.add_url_rule(
            route.path,
            endpoint=route.endpoint,
            view_func=handler(route, seatledger),
            methods=[route.method],
            provide_automatic_options=False,
        )
    for path, endpoint, view in (
        ("/api/v1/openapi.json", "openapi", lambda: document(OPENAPI)),
        ("/metrics", "metrics", metrics.metrics),
    ):
        blueprint.add_url_rule(path, endpoint, view, methods=["GET"], provide_automatic_options=False)
    forward_auth.name_codes(blueprint)
    evaluations.echo_request_ids(blueprint)
    app.register_blueprint(blueprint)
    app.register_blueprint(denied.blueprint)
    app.register_blueprint(problem_types.blueprint)
