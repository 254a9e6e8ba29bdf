"""The whole program on a database of its own, with an administrator, and visitors who come with a browser's manners."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2.profiles import CHEAPEST
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from application.credentials import PasswordHashing
from application.proof.notes import create_log_key
from application.views.entitlement import Entitlement
from interface.composition import Seatledger, compose
from interface.settings import Settings
from interface.web.app import create_app
from tests.clock import SetClock
from tests.examples import KEYRING, PRODUCT

ADMINISTRATOR = "admin"
PASSWORD = "correct horse battery staple"
TESTER = "cli:tester"
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


@dataclass
class House:
    """Seatledger, wired and with its first administrator, and its web application."""

    seatledger: Seatledger
    app: Flask
    clock: SetClock
    installation_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.installation_id = self.seatledger.licensing.open_installation(
            "Example Company", PRODUCT, "Europe/Berlin", ADMINISTRATOR, by=TESTER
        )
        self.give_password(ADMINISTRATOR)

    @property
    def view(self) -> Entitlement:
        return self.seatledger.licensing.now(self.installation_id).view

    def events(self) -> list[str]:
        """The names of all events so far."""
        return [entry.kind for entry in self.seatledger.licensing.history(self.installation_id, limit=1000)]

    def give_password(self, name: str) -> None:
        account = self.seatledger.accounts.account(self.installation_id, name)
        self.seatledger.accounts.set_password(self.installation_id, account, PASSWORD, by=TESTER)

    def register(self, key: str) -> None:
        self.seatledger.licensing.register_license_key(self.installation_id, key, by=TESTER)

    def add_user(self, name: str, *, administrator: bool = False) -> None:
        self.seatledger.licensing.add_user(self.installation_id, name, administrator=administrator, by=TESTER)
        if administrator:
            self.give_password(name)

    def add_auditor(self, name: str = "auditor") -> None:
        self.seatledger.licensing.add_auditor(self.installation_id, name, by=TESTER)
        self.give_password(name)

    def token(self, *scopes: str) -> str:
        return self.seatledger.licensing.create_token(self.installation_id, "Example", scopes, by=TESTER).text

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
        if found := re.search(r'name="csrf_token" value="([^"]+)"', response.text):
            self._csrf = found[1]
        return response


def build(directory: Path, *, https: bool = False, clock: SetClock | None = None) -> House:
    """The program with a database and a keyring in that directory."""
    keyring = directory / "keyring.json"
    keyring.write_text(json.dumps(KEYRING.to_jwk_set()))
    clock = clock or SetClock(FIRST_MOMENT)
    settings = Settings(database=f"sqlite:///{directory / 'seatledger.sqlite'}", keyring=keyring)
    create_log_key(settings.log_key_path)
    settings.log.make()
    seatledger = compose(settings, clock=clock, hashing=PasswordHashing(CHEAPEST))
    app = create_app(seatledger, secret_key=b"an example, not a secret, 32 byte", https=https)
    app.jinja_env.bytecode_cache = COMPILED
    return House(seatledger, app, clock)


def text_of(response: TestResponse) -> str:
    """What a person reads on the page: without tags, in single spaces."""
    words = re.sub(r"</?(?:bdi|strong|code)>", "", response.text)
    words = re.sub(r'<span class="text-nowrap">(.*?)</span>', r"\1", words)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())
