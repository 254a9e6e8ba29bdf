"""Every request has an id: a trusted proxy's, if it is safe, or one of our own; its answer and its lines name it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from html import unescape
from ipaddress import ip_network
from typing import Any

import pytest
from werkzeug.exceptions import InternalServerError

from interface.front import AccessLog, Front
from interface.front.asking import Answer, Scope
from interface.front.refusals import every_refusal
from interface.front.request_ids import HEADER, SentIds
from interface.logs import formatter
from interface.web.gateway import plain_checks
from interface.web.gateway.plain_checks import PlainChecks
from interface.web.prepared import prepare
from interface.web.routes import Routes
from tests.examples import ADMINISTRATOR
from tests.interface.front.asgi import ask, chunks, run, scope
from tests.interface.web.house import House

PROXIES = (ip_network("127.0.0.0/8"), ip_network("2001:db8::/32"))
SAFE = [b"a", b"0f8fad5b-d9cb-469f-a165-70867728950e", b"A.b_c-9", b"x" * 64]
UNSAFE = [b"", b" a", b"a b", b"x" * 65, b"a\n", b'"', b"\xc3\xa4", b"a,b", b"<b>", b"{}", b"\\"]


def asked(*headers: tuple[bytes, bytes], peer: str = "127.0.0.2", target: bytes = b"/livez") -> Scope:
    return scope("GET", target, headers) | {"client": (peer, "40000")}


@pytest.mark.parametrize("sent", SAFE)
def test_the_id_of_a_trusted_proxy_is_taken(sent: bytes) -> None:
    for peer in ("127.0.0.2", "2001:db8::7", "::ffff:127.0.0.1"):
        assert SentIds(PROXIES).of(asked((HEADER, sent), peer=peer)) == sent.decode()


@pytest.mark.parametrize("sent", UNSAFE)
def test_an_id_that_is_not_safe_is_not_taken(sent: bytes) -> None:
    assert SentIds(PROXIES).of(asked((HEADER, sent))) is None


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db9::1", "", "unix"])
def test_nobody_elses_id_is_taken(peer: str) -> None:
    assert SentIds(PROXIES).of(asked((HEADER, b"a"), peer=peer)) is None


def test_of_two_ids_neither_is_taken() -> None:
    assert SentIds(PROXIES).of(asked((HEADER, b"a"), (HEADER, b"a"))) is None


class Served:
    """A house behind its front, whose log is read as JSON."""

    def __init__(self, house: House, proxies: tuple[Any, ...]) -> None:
        self.house, self.log = house, io.StringIO()
        self.access_log = AccessLog(self.log, "json")
        self.front = Front(
            house.app,
            prepare(house.app, [*every_refusal(10), InternalServerError()]),
            seconds=10,
            access_log=self.access_log,
            route_of=Routes(house.app.url_map).of,
            before={plain_checks.PATH: PlainChecks(house.app)},
            trusted_proxies=proxies,
        )
        self.handler = logging.StreamHandler(self.log)
        self.handler.setFormatter(formatter("json"))

    def ask(self, question: Scope) -> tuple[int, dict[bytes, bytes], bytes]:
        return run(ask(self.front, question, chunks()))

    def lines(self) -> list[dict[str, Any]]:
        self.access_log.write()
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def served(house: House) -> Iterator[Served]:
    served = Served(house, PROXIES)
    logging.getLogger().addHandler(served.handler)
    yield served
    logging.getLogger().removeHandler(served.handler)


def test_an_answer_and_its_line_name_the_same_id(served: Served) -> None:
    _, own, _ = served.ask(asked())
    _, other, _ = served.ask(asked())
    _, sent, _ = served.ask(asked((HEADER, b"from-a-proxy.1")))
    ids = [headers[HEADER].decode() for headers in (own, other, sent)]
    assert [line["request_id"] for line in served.lines()] == ids
    assert ids[2] == "from-a-proxy.1"
    assert len(set(ids)) == 3


def test_a_login_check_answers_the_id_that_was_sent_and_otherwise_has_one_in_the_log(served: Served) -> None:
    bearer = (b"authorization", b"Bearer " + served.house.token("login-check").encode())
    target = f"/api/v1/login-check?login_name={ADMINISTRATOR}".encode()
    for _ in range(2):  # by Flask, and then before it
        assert HEADER not in served.ask(asked(bearer, target=target))[1]
        assert served.ask(asked(bearer, (HEADER, b"mine"), target=target))[1][HEADER] == b"mine"
    ids = [line["request_id"] for line in served.lines()]
    assert ids[1::2] == ["mine", "mine"]
    assert len({len(each) for each in ids[::2]}) == 1
    assert len(set(ids)) == 3


@pytest.mark.parametrize("sent", [(), ((HEADER, b"a-very-long-id." * 4),)])
def test_a_defect_is_told_with_its_id_in_the_document_on_the_page_and_in_every_line(
    served: Served, monkeypatch: pytest.MonkeyPatch, sent: tuple[tuple[bytes, bytes], ...]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("something is wrong in the inside")

    monkeypatch.setattr(served.house.licensing, "now", fail)
    monkeypatch.setattr(served.house.licensing, "last_known", fail)
    monkeypatch.setattr(served.house.app.jinja_env.get_template("sign_in.html"), "root_render_func", fail)
    bearer = (b"authorization", b"Bearer x")
    status, headers, document = served.ask(asked(bearer, *sent, target=b"/api/v1/license"))
    assert (status, json.loads(document)["request_id"]) == (500, headers[HEADER].decode())
    status, of_page, page = served.ask(asked(*sent, target=b"/sign-in"))
    assert (status, f"<code>{of_page[HEADER].decode()}</code>" in unescape(page.decode())) == (500, True)
    ids = {headers[HEADER].decode(), of_page[HEADER].decode()}
    lines = served.lines()
    assert {line["request_id"] for line in lines} == ids
    told = [line for line in lines if line["level"] == "error"]
    assert [(line["method"], line["route"]) for line in told] == [("GET", "/api/v1/license"), ("GET", "/sign-in")]
    assert all("something is wrong in the inside" in line["exception"] for line in told)


@pytest.mark.parametrize("target", [b"/api/v1/license", b"/sign-in"])
@pytest.mark.parametrize("sent", [(), ((HEADER, b"short"),)])
def test_what_the_front_says_of_a_defect_names_this_request(
    served: Served, monkeypatch: pytest.MonkeyPatch, target: bytes, sent: tuple[tuple[bytes, bytes], ...]
) -> None:
    def fail(*_: object) -> Answer:
        raise RuntimeError("no answer at all")

    monkeypatch.setattr(served.front, "_ask", fail)
    status, headers, body = served.ask(asked(*sent, target=target))
    assert (status, headers[b"content-length"]) == (500, str(len(body)).encode())
    assert headers[HEADER] in body
    assert b"has-an-id-of-its-own" not in body
    assert {line["request_id"].encode() for line in served.lines()} == {headers[HEADER]}


def test_authzen_gives_back_what_it_was_sent_whoever_sent_it(served: Served) -> None:
    target = b"/access/v1/evaluation"
    _, headers, _ = served.ask(asked((HEADER, b"any thing"), target=target, peer="192.0.2.1") | {"method": "POST"})
    assert headers[HEADER] == b"any thing"
    (line,) = served.lines()
    assert line["request_id"] != "any thing"
