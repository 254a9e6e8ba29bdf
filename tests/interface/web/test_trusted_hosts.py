"""C-6: what a server answers by the Host of a request, and what its log says of one that it refuses."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from interface.web import trusted_hosts
from interface.web.app import create_app
from tests.interface.web.house import ADMINISTRATOR, House, Visitor


class Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def log(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setattr(trusted_hosts, "_last_line", bytearray(8))
    log = Log()
    house.app.logger.addHandler(log)
    yield log
    house.app.logger.removeHandler(log)


def reached_by(house: House, *hosts: str) -> House:
    """The same house, served under other names."""
    house.set(trusted_hosts=hosts)
    house.app = create_app(house.seatledger, secret_key=b"an example, not a secret, 32 byte", https=False)
    return house


@pytest.mark.parametrize("host", ["licsrv01", "LICSRV01", "LicSrv01:8000", "licsrv01.", "LICSRV01.:80"])
def test_c6_people_and_programs_come_by_every_spelling(house: House, host: str) -> None:
    client = reached_by(house, "LICSRV01").app.test_client()
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200
    assert client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["[::1]", "[0:0:0:0:0:0:0:1]:8000", "[::1]:80", "127.0.0.1", "localhost:1"])
def test_c6_loopback_is_trusted_by_default(shared_house: House, host: str) -> None:
    assert shared_house.app.test_client().get("/livez", headers={"Host": host}).status_code == 200


def test_c6_a_link_has_the_one_spelling_and_a_form_from_there_is_taken(house: House) -> None:
    visitor = Visitor(reached_by(house, "LICSRV01").app)
    headers = {"Host": "LICSRV01.", "Origin": "http://licsrv01."}
    visitor.client.get("/sign-in", headers=headers)
    answer = visitor.post("/sign-in", headers=headers, login_name="x", password="y", csrf_token="wrong")
    assert "another site" not in answer.text


def test_c6_a_refused_host_is_logged_once_a_minute_with_the_settings_name(
    house: House, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(trusted_hosts.time, "monotonic", lambda: now)
    client = house.app.test_client()
    for _ in range(20):
        assert client.get("/livez", headers={"Host": "licsrv99:8000"}).status_code == 400
    assert log.lines == [
        "A request named the host “licsrv99:8000”, which SEATLEDGER_TRUSTED_HOSTS does not list, and was answered 400."
    ]
    now += 59
    client.get("/sign-in", headers={"Host": "other.example"})
    assert len(log.lines) == 1
    now += 2
    client.get("/sign-in", headers={"Host": "other.example"})
    assert "other.example" in log.lines[1]


@pytest.mark.parametrize("host", ["a\x1b[31mb", "x" * 5000, "a\u0085b", "é\u200b", ""], ids=ascii)
def test_c6_the_line_shows_a_host_safely(house: House, log: Log, host: str) -> None:
    house.app.test_client().get("/livez", environ_overrides={"HTTP_HOST": host})
    [line] = log.lines
    assert line.isprintable()
    assert len(line) < 400


def test_c6_a_refused_host_is_a_page_for_people_and_a_document_for_programs(house: House) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    page = visitor.client.get("/license", headers={"Host": "LICSRV99"})
    assert (page.status_code, page.mimetype) == (400, "text/plain")
    document = visitor.client.get("/api/v1/license", headers={"Host": "LICSRV99"})
    assert (document.status_code, document.json["code"]) == (400, "untrusted_host")
