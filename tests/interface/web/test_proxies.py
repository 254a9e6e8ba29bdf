"""Where a request comes from: headers that anybody can write count from trusted proxies alone, and from the right."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from interface.settings import Settings, SettingsInvalid
from interface.web.proxies import client_address

PROXIES = tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "2001:db8:ffff::/48")))
CLIENT = "203.0.113.7"


@pytest.mark.parametrize(
    ("peer", "x_forwarded_for", "forwarded", "address"),
    [
        ("198.51.100.1", CLIENT, None, "198.51.100.1"),
        ("198.51.100.1", None, f"for={CLIENT}", "198.51.100.1"),
        ("127.0.0.1", None, None, "127.0.0.1"),
        ("127.0.0.1", "", None, "127.0.0.1"),
        ("127.0.0.1", CLIENT, None, CLIENT),
        ("::ffff:127.0.0.1", CLIENT, None, CLIENT),
        ("127.0.0.1", f"1.1.1.1, {CLIENT}", None, CLIENT),
        ("127.0.0.1", f"1.1.1.1,{CLIENT}, 10.0.0.4 ,10.1.1.1", None, CLIENT),
        ("127.0.0.1", "10.0.0.4,10.1.1.1", None, "10.0.0.4"),
        ("127.0.0.1", f"{CLIENT}:4711", None, CLIENT),
        ("127.0.0.1", "[2001:db8::1]:4711", None, "2001:db8::1"),
        ("127.0.0.1", "2001:db8::1", None, "2001:db8::1"),
        ("2001:db8:ffff::1", "2001:DB8::1", None, "2001:db8::1"),
        ("127.0.0.1", f"{CLIENT}, unknown", None, "127.0.0.1"),
        ("127.0.0.1", f"{CLIENT}, <script>, 10.0.0.4", None, "10.0.0.4"),
        ("127.0.0.1", None, f"for={CLIENT}", CLIENT),
        ("127.0.0.1", None, f'For="{CLIENT}:80";proto=https;host=example.com', CLIENT),
        ("127.0.0.1", None, 'proto=https;for="[2001:db8::1]:80";by=10.0.0.1', "2001:db8::1"),
        ("127.0.0.1", None, f"for=1.1.1.1, for={CLIENT}, for=10.0.0.4", CLIENT),
        ("127.0.0.1", None, f"for={CLIENT}, for=_hidden", "127.0.0.1"),
        ("127.0.0.1", None, f"xfor={CLIENT}", "127.0.0.1"),
        ("127.0.0.1", CLIENT, f"for={CLIENT}", CLIENT),
        ("127.0.0.1", CLIENT, "for=1.1.1.1", "127.0.0.1"),
        ("127.0.0.1", "1.1.1.1", f"for={CLIENT}", "127.0.0.1"),
        (None, CLIENT, None, "unknown"),
        ("unix:", CLIENT, None, "unix:"),
    ],
)
def test_the_client_is_the_first_from_the_right_that_is_no_trusted_proxy(
    peer: str | None, x_forwarded_for: str | None, forwarded: str | None, address: str
) -> None:
    assert client_address(peer, x_forwarded_for, forwarded, PROXIES) == address


def test_without_trusted_proxies_the_headers_are_not_read() -> None:
    assert client_address("127.0.0.1", CLIENT, f"for={CLIENT}", ()) == "127.0.0.1"


def test_the_settings_are_read() -> None:
    settings = Settings.from_environment(
        {"SEATLEDGER_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,,2001:db8::/32", "SEATLEDGER_SIGN_INS_DAYS": "30"}
    )
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]
    assert settings.sign_ins_days == 30
    assert Settings.from_environment({}).trusted_proxies == ()


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "*", "127.0.0.1;10.0.0.1", "proxy.example"])
def test_what_is_no_network_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({"SEATLEDGER_TRUSTED_PROXIES": text})
    assert raised.value.problem.code == "networks_invalid"


@pytest.mark.parametrize("text", ["0", "-1", "3651", "ninety", "1.5", "9" * 5000, "٣"])
def test_days_that_cannot_be_stop_the_start(text: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({"SEATLEDGER_SIGN_INS_DAYS": text})
    assert raised.value.problem.code == "days_setting_invalid"
