"""C-6: hosts are compared as host names are, and what can be none is said with what to write instead."""

from __future__ import annotations

import pytest

from application.host_names import NoHost, TrustedHosts, UnusableEntry, host_from
from application.words.language import ENGLISH
from interface.settings import Settings, SettingsInvalid
from interface.web.trusted_hosts import is_same_origin, read

SAME = [
    ("LICSRV01", "licsrv01"),
    ("licsrv01", "LICSRV01"),
    ("licsrv01", "licsrv01:8443"),
    ("licsrv01", "licsrv01."),
    ("licsrv01.", "licsrv01"),
    ("licsrv01.", "LicSrv01.:8443"),
    ("licsrv01:8000", "licsrv01"),
    ("licsrv01:8000", "licsrv01:9000"),
    ("Licenses.Example.COM", "licenses.example.com"),
    (".Example.com", "a.example.com"),
    (".Example.com", "A.B.Example.COM.:443"),
    (".Example.com", "example.com"),
    (".example.com.", "a.example.com"),
    ("192.0.2.7", "192.0.2.7:8000"),
    ("192.0.2.7", "192.0.2.7."),
    ("[2001:db8::7]", "[2001:DB8:0:0:0:0:0:7]"),
    ("[2001:0DB8::0007]:8000", "[2001:db8::7]:9000"),
    ("2001:db8::7", "[2001:db8::7]"),
    ("::1", "[::1]:8000"),
    ("[0:0:0:0:0:0:0:1]", "[::1]"),
    ("[::ffff:192.0.2.7]", "[::ffff:c000:207]"),
    ("bücher.example", "xn--bcher-kva.example"),
    ("BÜCHER.example", "XN--BCHER-KVA.example"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("straße.example", "xn--strae-oqa.example"),
    ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    (".bücher.example", "www.xn--bcher-kva.example"),
    ("ｌｉｃｓｒｖ０１", "licsrv01"),
    ("a-b.example", "a-b.example"),
    ("1a.example", "1a.example"),
    ("licsrv01", "licsrv01:"),
]

OTHERS = [
    ("licsrv01", "licsrv02"),
    ("example.com", "a.example.com"),
    (".example.com", "badexample.com"),
    (".example.com", "example.com.attacker.example"),
    ("licsrv01", "licsrv01.attacker.example"),
    ("192.0.2.7", "192.0.2.70"),
    ("[2001:db8::7]", "[2001:db8::8]"),
    ("[::1]", "127.0.0.1"),
]

NO_HEADERS = [
    *("", " ", ".", "..", "a..b", ".a", "-a", "a-", "a_b", "a b", "a/b", "a@b", "a;b", "a,b", "*", "*.example.com"),
    *("a:b", "a:0", "a:65536", "a:99999999", "a:-1", "a: 80", "[::1", "::1", "[::1]x", "[::1%eth0]", "[]", "[1.2.3.4]"),
    *("300.1.1.1", "127.1", "1.2.3.4.5", "https://a", "a\t", "a\n", "a" * 64, ".".join(["a" * 60] * 5), "ü.example"),
    *("licsrv01..", "a\x00b", "%61"),
]

UNUSABLE = {
    "https://licenses.example.com": "write “licenses.example.com”, the name alone",
    "http://LICSRV01:8000/": "write “licsrv01”, the name alone",
    "https://licenses.example.com/license?x#y": "write “licenses.example.com”, the name alone",
    "https://user@licenses.example.com": "write “licenses.example.com”, the name alone",
    "licenses.example.com/": "write “licenses.example.com”, the name alone",
    "//licenses.example.com": "write the name alone",
    "https://[2001:db8::7]:8443": "write “[2001:db8::7]”, the name alone",
    "https://": "write the name alone",
    "*": "write “.example.com”",
    "*.example.com": "write “.example.com”",
    "licsrv0?": "write “licsrv0”",
    "a;b": "put a comma between two names",
    "a b": "put a comma between two names",
    "a\tb": "put a comma between two names",
    "a|b": "put a comma between two names",
    "lic_srv": "it has an underscore",
    "_a.example.com": "it has an underscore",
    "lic..srv": "letters, digits and hyphens between the dots",
    "-licsrv": "letters, digits and hyphens between the dots",
    ".": "letters, digits and hyphens between the dots",
    "..example.com": "letters, digits and hyphens between the dots",
    ".192.0.2.7": "letters, digits and hyphens between the dots",
    ".[::1]": "letters, digits and hyphens between the dots",
    "a" * 64: "letters, digits and hyphens between the dots",
    "lic\u200bsrv.example": "letters, digits and hyphens between the dots",
    "licsrv!": "letters, digits and hyphens between the dots",
    "“licsrv”": "letters, digits and hyphens between the dots",
    '"licsrv"': "letters, digits and hyphens between the dots",
    "300.1.1.1": "an address is written like",
    "127.1": "an address is written like",
    "[::1": "an address is written like",
    "[::g]": "an address is written like",
    "fe80::1%eth0": "an address is written like",
    "licsrv01:http": "a port is a number",
    "licsrv01:0": "a port is a number",
    "licsrv01:99999": "a port is a number",
}


@pytest.mark.parametrize(("entry", "header"), SAME)
def test_c6_one_host_has_many_spellings(entry: str, header: str) -> None:
    host = read(header)
    assert host is not None
    assert host in TrustedHosts(["localhost", entry])


@pytest.mark.parametrize(("entry", "header"), OTHERS)
def test_c6_another_host_is_another(entry: str, header: str) -> None:
    host = read(header)
    assert host is not None
    assert host not in TrustedHosts([entry])


@pytest.mark.parametrize("header", NO_HEADERS, ids=ascii)
def test_c6_what_names_no_host_is_none(header: str) -> None:
    assert read(header) is None


@pytest.mark.parametrize("entry", UNUSABLE, ids=ascii)
def test_c6_an_entry_that_can_never_match_is_said_with_what_to_write(entry: str) -> None:
    with pytest.raises(UnusableEntry) as caught:
        TrustedHosts(["localhost", entry])
    said = ENGLISH.clause(caught.value.problem)
    assert said.startswith("SEATLEDGER_TRUSTED_HOSTS: “")
    assert UNUSABLE[entry] in said
    assert "\n" not in said


def test_c6_the_spelling_is_its_own() -> None:
    for text in {header for _, header in SAME}:
        host = host_from(text)
        assert host_from(str(host)) == host


def test_the_settings_keep_what_was_written_until_somebody_serves() -> None:
    settings = Settings.from_environment({"SEATLEDGER_TRUSTED_HOSTS": "LICSRV01, https://x ,"})
    assert settings.trusted_hosts == ("LICSRV01", "https://x")
    with pytest.raises(SettingsInvalid):
        _ = settings.hosts
    assert host_from("[::1]") in Settings().hosts


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://licsrv01", "licsrv01", True),
        ("http://licsrv01", "licsrv01:80", True),
        ("https://licsrv01", "licsrv01:443", True),
        ("https://licsrv01:8443", "licsrv01:8443", True),
        ("https://licsrv01.", "licsrv01", True),
        ("https://licsrv01:8443", "licsrv01", False),
        ("http://licsrv01", "licsrv01:443", False),
        ("https://attacker.example", "licsrv01", False),
        ("null", "licsrv01", False),
        ("ftp://licsrv01", "licsrv01", False),
        ("https://licsrv01/", "licsrv01", False),
        ("", "licsrv01", False),
    ],
)
def test_an_origin_is_compared_as_hosts_are(origin: str, host: str, same: bool) -> None:
    assert is_same_origin(origin, host) is same


def test_a_wrong_entry_says_its_problem() -> None:
    with pytest.raises(NoHost):
        host_from("a_b")
