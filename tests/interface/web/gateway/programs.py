"""Programs that ask the API: a token, and what every answer must be."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

PROBLEM_MEMBERS = {"type", "title", "status", "code", "detail"}

IN_THE_LOG = {"internal_error", "log_unreadable", "storage_failed", "keyring_unreadable"}
"""Of what the log tells more, by the id of the request."""


class Program:
    """A program with a token, or without one."""

    def __init__(self, app: Flask, token: str | None = None) -> None:
        self.client = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        response = self.client.open(path, method=method, headers={**self.headers, **(headers or {})}, **kwargs)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in response.headers
        return response

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.ask("GET", path, query_string=query)

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self.ask("POST", path, **({} if body is None else {"json": body}))

    def put(self, path: str) -> TestResponse:
        return self.ask("PUT", path)

    def delete(self, path: str) -> TestResponse:
        return self.ask("DELETE", path)

    def check(self, login_name: str, **query: str) -> dict[str, Any]:
        """The answer to a login check."""
        response = self.get("/api/v1/login-check", login_name=login_name, **query)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.get_json()
        return answer


def assert_problem(response: TestResponse, status: int, code: str) -> str:
    """That the answer is this problem, as RFC 9457 spells it; gives its sentence."""
    assert response.content_type == "application/problem+json", response.text
    problem = response.get_json(force=True)
    told_by_the_log = problem.pop("request_id", None) is not None
    assert told_by_the_log == (code in IN_THE_LOG) or code == "storage_failed"  # some say their reason themselves
    assert problem.keys() == PROBLEM_MEMBERS
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["type"] == f"/problems/{code}"
    detail = problem["detail"]
    assert detail.endswith(".")
    assert detail[0].isupper() or not detail[0].isalpha()
    return str(detail)
