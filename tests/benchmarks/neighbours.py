"""What login checks are measured beside: an empty WSGI app, and the same decision made the usual way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    select,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WORKERS = 2
TOKEN = "a-token-of-the-benchmark"

_tables = MetaData()
users = Table(
    "users",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("login_name", String(200), nullable=False, unique=True),
    Column("is_deleted", Boolean, nullable=False),
)
licenses = Table("licenses", _tables, Column("id", Integer, primary_key=True), Column("valid", Integer, nullable=False))
tokens = Table("tokens", _tables, Column("text", String(64), primary_key=True))


def empty(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The least that a WSGI app can do."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]


def prepare(url: str, number: int) -> None:
    """The tables of the usual way, with so many users."""
    engine = create_engine(url)
    _tables.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(tokens), [{"text": TOKEN}])
        connection.execute(insert(licenses), [{"valid": number + 1}])
        rows = [{"login_name": f"user-{each}", "is_deleted": False} for each in range(number)]
        connection.execute(insert(users), rows)
    engine.dispose()


def usual(url: str) -> Flask:
    """Flask, SQLAlchemy, a table of users: each login looks for the token and the user, and counts who is in use."""
    app, engines = Flask(__name__), list[Engine]()

    @app.get("/login-check")
    def login_check() -> Response:
        if not engines:  # after the fork
            engines.append(create_engine(url))
        with engines[0].connect() as connection:
            return jsonify(_decision(connection, request.args["login_name"]))

    return app


def _decision(connection: Connection, login_name: str) -> dict[str, Any]:  # Any: it goes out as JSON
    token = request.headers["Authorization"].removeprefix("Bearer ")
    known = connection.execute(select(tokens.c.text).where(tokens.c.text == token)).first()
    user = connection.execute(select(users.c.is_deleted).where(users.c.login_name == login_name)).first()
    valid = connection.execute(select(licenses.c.valid)).scalar_one()
    in_use = connection.execute(select(func.count()).select_from(users).where(users.c.is_deleted.is_(False))).scalar()
    admitted = known is not None and user is not None and not user.is_deleted and (in_use or 0) <= valid
    return {"login_name": login_name, "decision": "admit" if admitted else "refuse", "in_use": in_use}


def serve(app: Callable[[], WSGIApplication], port: int) -> None:
    """granian as it is, with as many workers as ours."""
    server = Granian("", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=WORKERS)
    server.serve(target_loader=app, wrap_loader=False)


if __name__ == "__main__":
    name, port, *url = sys.argv[1:]
    serve((lambda: empty) if name == "empty" else (lambda: usual(*url)), int(port))
