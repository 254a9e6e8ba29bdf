"""The log's own lines: for people or as JSON, and what opens a door is in none of them."""

from __future__ import annotations

import json
import logging
import re
import sys

import pytest
from structlog.contextvars import bound_contextvars

from interface.logs import formatter, masked
from tests.examples import a_key


def record(text: str, *facts: object, error: Exception | None = None, **more: str) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    line = logging.LogRecord("seatledger.front", logging.ERROR, __file__, 1, text, facts, exc_info)
    line.__dict__.update(more)
    return line


def failure(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_a_line_for_people_has_its_moment_level_sentence_and_request() -> None:
    with bound_contextvars(request_id="an-id"):
        line = formatter("text").format(record("%s failed.", "It"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} ERROR It failed\. \(an-id\)", line)
    assert formatter("text").format(record("It failed.")).endswith("ERROR It failed.")


def test_a_traceback_stands_below_the_line() -> None:
    first, *others = formatter("text").format(record("It failed.", error=failure("why"))).splitlines()
    assert first.endswith("It failed.")
    assert others[0] == "Traceback (most recent call last):"
    assert others[-1] == "ValueError: why"


def test_the_words_of_others_write_no_line_of_their_own_and_no_terminal_obeys_them() -> None:
    forged = "why\r\n2026-11-28 09:00:00 +0000 ERROR Forged\u2028\x1b[2J\u202e"
    (line,) = formatter("text").format(record("It failed: %s", forged)).splitlines()
    assert line.endswith("It failed: why\\r\\n2026-11-28 09:00:00 +0000 ERROR Forged\\u2028\\x1b[2J\\u202e")
    traceback = formatter("text").format(record("It failed.", error=failure("why\r\x1b[2J")))
    assert traceback.splitlines()[-1] == "ValueError: why\\r\\x1b[2J"


def test_a_line_in_json_is_one_object_and_one_line() -> None:
    with bound_contextvars(request_id="an-id"):
        text = formatter("json").format(
            record('It "failed"\nwith %s', "ä\x1b\u2028", error=failure("why"), code="busy", method="GET", route="/")
        )
    line = json.loads(text)
    assert "\n" not in text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert line.pop("exception").endswith("ValueError: why")
    assert line == {
        "level": "error",
        "logger": "seatledger.front",
        "event": 'It "failed"\nwith ä\x1b\u2028',
        "request_id": "an-id",
        "code": "busy",
        "method": "GET",
        "route": "/",
    }


TOKEN = "slt_abcdefgh_" + "A1b2C3d" * 7
SECRETS = {
    TOKEN: "the token {} is",
    a_key(): "a license key: {}.",
    a_key()[:-4]: "a license key cut off: {}",
    "anything.at-all": "Authorization: Bearer {}",
    "dXNlcjpwYXNz": "'Authorization': 'Basic {}'",
    "kEJr2x.ics": "GET /calendar/{} HTTP/1.1",
    "kEJr2x": "https://licenses.example.com/calendar/{}.ics?x=1",
    "whsec_C2FtZSBzZWNyZXQ+/w==": "the secret of a webhook is {}",
    "battery-of-mail": "smtps://mailer:{}@mail.example.com:465",
    "Zm9vYmFyYmF6cXV4": "https://licenses.example.com/password#{}",
    "eJwlzj.aSQ.x": "Cookie: __Host-seatledger={}; other=1",
    "correct-horse": "login_name=ann&password={}&next=/",
    "battery": '{{"passphrase": "{}"}}',
    "staple": "postgresql://seatledger:{}@db.example.com/seatledger",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_in_the_words_of_others_is_masked(secret: str, form: str) -> None:
    text = SECRETS[secret].format(secret)
    line = formatter(form).format(record("%s", text, error=failure(text), code=text))
    assert secret not in line
    assert "…" in line


@pytest.mark.parametrize(
    "text",
    [
        "The history of 11111111-2222-4333-8444-555555555555 was altered: event 5 does not match its leaf.",
        "GET /api/v1/users/<login_name> could not be answered.",
        "GET /calendar/<secret>.ics could not be answered.",
        "The API token “Gateway” ends on 2026-12-01.",
        "connection to server at 127.0.0.1, port 5432 failed: Connection refused",
        "sqlite:////var/lib/seatledger/seatledger.sqlite: disk I/O error",
        "The log key cannot be used: /etc/seatledger/log-key.pem is missing.",
    ],
)
def test_other_lines_are_as_they_were_written(text: str) -> None:
    assert masked(text) == text


def test_no_variable_stands_in_a_traceback() -> None:
    def fail(password: str) -> None:
        raise RuntimeError(len(password))

    try:
        fail("-".join(("never", "written")))
    except RuntimeError:
        failed = logging.LogRecord("x", logging.ERROR, __file__, 1, "It failed.", (), sys.exc_info())
    line = formatter("json").format(failed)
    assert "RuntimeError: 13" in line
    assert "never-written" not in line
