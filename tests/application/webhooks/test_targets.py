"""Where webhooks may go: HTTPS, to addresses of the Internet, to the very address that was looked at."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from application.host_names import TrustedHosts
from application.webhooks import Guard, WebhookUrlRefused
from application.webhooks.posting import post
from application.webhooks.targets import Address, Target, Unreachable, is_public, resolved
from domain.refusals import Problem
from tests.receiver import receiving

OWN = TrustedHosts(["seatledger.example", ".inner.example"])


def guard(*networks: str, at: Sequence[str] = ("203.0.113.7",)) -> Guard:
    """A guard to which every name leads to these addresses."""
    addresses = [ip_address(each) for each in at]
    return Guard(OWN, [ip_network(each) for each in networks], ("plain.example",), lambda *_: addresses)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://receiver.example", Target("https", "receiver.example", 443, "/")),
        ("https://Receiver.Example.:8443/a/b?c=d", Target("https", "receiver.example", 8443, "/a/b?c=d")),
        ("https://[2001:DB8::7]/", Target("https", "[2001:db8::7]", 443, "/")),
        ("http://plain.example/x", Target("http", "plain.example", 80, "/x")),
    ],
)
def test_what_a_url_says(url: str, target: Target) -> None:
    assert guard().target(url) == target


def test_the_certificate_must_bear_the_name_and_the_host_header_says_the_port() -> None:
    assert Target("https", "[2001:db8::7]", 443, "/").server_name == "2001:db8::7"
    assert Target("https", "receiver.example", 443, "/").host_header == "receiver.example"
    assert Target("https", "receiver.example", 444, "/").host_header == "receiver.example:444"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("receiver.example/hook", "url_no_url"),
        ("ftp://receiver.example/", "url_no_url"),
        ("https:///hook", "url_no_url"),
        ("https://[::1/", "url_no_url"),
        ("https://receiver.example/ä", "url_characters"),
        ("https://receiver.example/a b", "url_characters"),
        ("https://receiver.example/\r\nX: y", "url_characters"),
        ("https://receiver.example\\@seatledger.example/", "url_characters"),
        ("https://ann:secret@receiver.example/", "url_with_password"),
        ("https://receiver.example/#part", "url_with_fragment"),
        ("https://under_score.example/", "url_host_unusable"),
        ("https://receiver.example:99999/", "url_host_unusable"),
        ("https://127.1/", "url_host_unusable"),
        ("http://receiver.example/", "url_not_https"),
        ("https://seatledger.example:9999/hook", "url_is_own"),
        ("https://SEATLEDGER.example./hook", "url_is_own"),
        ("https://deep.inner.example/hook", "url_is_own"),
        (f"https://receiver.example/{'x' * 1000}", "too_many_characters"),
    ],
)
def test_a_url_that_no_webhook_may_have(url: str, code: str) -> None:
    with pytest.raises(WebhookUrlRefused) as refused:
        guard().target(url)
    problem = refused.value.facts["problem"]
    assert isinstance(problem, Problem)
    assert problem.code == code


PRIVATE = [
    "0.0.0.0",  # noqa: S104  an address that is refused
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.3.4",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.5",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a00:5",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:5",
    "2002:a00:5::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]


def addresses_of(*at: str, networks: Sequence[str] = ()) -> Sequence[Address]:
    asked = guard(*networks, at=at)
    return asked.addresses(asked.target("https://receiver.example/"))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_to_a_private_address_is_refused_also_beside_a_public_one(address: str) -> None:
    for at in ([address], ["1.1.1.1", address], [address, "1.1.1.1"]):
        with pytest.raises(Unreachable) as refused:
            addresses_of(*at)
        assert refused.value.problem == Problem(
            "address_private", host="receiver.example", address=str(ip_address(address))
        )


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_taken(address: str) -> None:
    assert list(addresses_of(address)) == [ip_address(address)]


@pytest.mark.parametrize("address", ["10.0.0.5", "::ffff:10.0.0.5", "64:ff9b::a00:5"])
def test_a_private_address_is_taken_where_its_network_is_allowed_and_no_other(address: str) -> None:
    assert list(addresses_of(address, networks=["10.0.0.0/24"])) == [ip_address(address)]
    with pytest.raises(Unreachable):
        addresses_of(address, networks=["10.0.1.0/24"])
    with pytest.raises(Unreachable):
        addresses_of(address, "192.168.1.1", networks=["10.0.0.0/24"])


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means something else a moment later (DNS rebinding) leads nowhere."""
    with receiving(tmp_path, tls=False) as receiver:

        def no_more(*_: object, **__: object) -> None:
            raise AssertionError("a name was resolved again")

        target = Target("http", "rebinding.example", receiver.port, "/hook")
        getaddrinfo = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *rest: getaddrinfo(host, *rest) if host == "127.0.0.1" else no_more()
        )
        post(target, [ip_address("127.0.0.1")], b"{}", {})
        (delivery,) = receiver.deliveries
    assert delivery.headers["host"] == f"rebinding.example:{receiver.port}"


def test_the_next_address_is_tried_if_one_takes_no_connection(tmp_path: Path) -> None:
    with receiving(tmp_path, tls=False) as receiver:
        target = Target("http", "receiver.example", receiver.port, "/hook")
        post(target, [ip_address("::1"), ip_address("127.0.0.1")], b"{}", {})
        assert len(receiver.deliveries) == 1


def test_a_host_that_takes_connections_and_says_nothing_holds_nobody_up() -> None:
    """Not even in the midst of TLS, where no time-out of an answer runs yet."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target("https", "receiver.example", silent.getsockname()[1], "/hook")
        with pytest.raises(Unreachable) as late:
            post(target, [ip_address("127.0.0.1")], b"{}", {}, seconds=0.2)
    assert late.value.problem.code == "answer_late"


def test_the_machine_s_resolver_is_asked() -> None:
    assert resolved("127.0.0.1", 443) == [ip_address("127.0.0.1")]
    assert not is_public(resolved("::1", 443)[0])


@pytest.mark.parametrize("line", [b"SSH-2.0-secret", b"HTTP/1.1 two\r\x1b[2J", b"HTTP/9secret 200 OK"])
def test_what_comes_instead_of_http_is_not_repeated(line: bytes) -> None:
    """It would stand in the log and on screens: with lines and orders to terminals of its own, or with a secret."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            with other.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(line + b"\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        target = Target("http", "receiver.example", other.getsockname()[1], "/hook")
        with pytest.raises(Unreachable) as broken:
            post(target, [ip_address("127.0.0.1")], b"{}", {}, seconds=5)
        thread.join()
    assert broken.value.problem == Problem("connection_broken", reason="what came is no HTTP")
