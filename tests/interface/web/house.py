"""The whole program with its pages, and visitors who come with a browser's manners."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from interface.web.app import create_app
from tests.clock import SetClock
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.world import World

FIRST_MOMENT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
"""On a day in the first month of `a_license()`."""


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all the houses of a test run, which takes longer than all that they answer."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class House(World):
    """A world with its web application, whose administrators and auditors can sign in."""

    def __init__(self, directory: Path, clock: SetClock | None = None, *, https: bool = False) -> None:
        super().__init__(directory, clock or SetClock(FIRST_MOMENT))
        self.open()
        self.give_password(ADMINISTRATOR)
        self.app = create_app(self.seatledger, secret_key=b"an example, not a secret, 32 byte", https=https)
        self.app.jinja_env.bytecode_cache = COMPILED

    def add_user(self, name: str, *, administrator: bool = False) -> None:
        self.add(name, administrator=administrator)
        if administrator:
            self.give_password(name)

    def add_auditor(self, name: str = "auditor") -> None:
        self.do("add_auditor", name)
        self.give_password(name)

    def token(self, *scopes: str) -> str:
        return str(self.do("create_token", "Example", scopes).text)

    def visitor(self, name: str | None = None) -> Visitor:
        """Somebody with a browser; with a name, signed in."""
        visitor = Visitor(self.app)
        if name is not None:
            assert visitor.sign_in(name).status_code == 303
        return visitor


class Visitor:
    """A browser without JavaScript: it keeps cookies, and sends the CSRF token of the page it has last seen."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self._csrf = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._seen(self.client.get(path, **kwargs))

    def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Sends a form; without a field `csrf_token`, with that of the page last seen."""
        if not self._csrf:
            self.get("/sign-in")
        return self._seen(self.client.post(path, data={"csrf_token": self._csrf, **fields}, headers=headers))

    def follow(self, response: TestResponse) -> TestResponse:
        """The page to which the answer leads, as after every form that was taken."""
        assert response.status_code == 303, response.text
        return self.get(response.headers["Location"])

    def sign_in(self, name: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
        self.get("/sign-in")
        response = self.post("/sign-in", login_name=name, password=password, **fields)
        if response.status_code == 303:
            self.get("/system-settings")
        return response

    def _seen(self, response: TestResponse) -> TestResponse:
        if token := re.search(r'name="csrf_token" value="([^"]+)"', response.text):
            self._csrf = token[1]
        return response


def text_of(response: TestResponse) -> str:
    """What a person reads on the page: without tags, in single spaces."""
    words = re.sub(r"</?(?:bdi|strong|code)>", "", response.text)
    words = re.sub(r'<span class="text-nowrap">(.*?)</span>', r"\1", words)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())
