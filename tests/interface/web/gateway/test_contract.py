"""docs/api.md tells the truth: its routes with their scopes, and every code with its status."""

from __future__ import annotations

import re
from pathlib import Path

from interface.web.audiences import STATUSES
from interface.web.gateway import ROUTES
from interface.web.gateway.problems import HTTP_ERRORS, UNTRUSTED_HOST

PAGE = (Path(__file__).parents[4] / "docs" / "api.md").read_text()
CODES = {code: int(status) for status, code in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)}
ELSEWHERE = {"database_away": 503, "keyring_unreadable": 503, "log_unreadable": 503, UNTRUSTED_HOST[0]: 400}


def test_every_code_is_documented_with_its_status() -> None:
    found_by_flask = {code: status for status, (code, _) in HTTP_ERRORS.items()}
    assert {**STATUSES, **found_by_flask, **ELSEWHERE}.items() >= CODES.items()
    assert CODES.keys() >= {*found_by_flask, *ELSEWHERE}
    gateways_own = {"token_missing", "token_invalid", "token_over", "scope_missing", "busy", "not_initialized"}
    assert CODES.keys() >= gateways_own


def test_every_route_is_documented_with_its_scopes() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    documented = {
        (method, path): tuple(re.findall(r"`([a-z-]+)`", scopes)) or None
        for methods, paths, scopes in rows
        for method in re.findall(r"`(\w+)`", methods)
        for path in re.findall(r"`(/[^`]+)`", paths)
    }
    served = {(route.method, route.path.replace("<", "{").replace(">", "}")): route.scopes for route in ROUTES}
    assert documented == served
