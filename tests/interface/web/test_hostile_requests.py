"""What others may send to the forms (TRUST.md, B6): refused, or shown inert."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

import pytest

from interface.web.access import local_path
from interface.web.audiences import is_for_programs
from tests.examples import ADMINISTRATOR
from tests.interface.web.house import House, Visitor, text_of

FORMS = (
    "/sign-in",
    "/sign-out",
    "/password",
    "/license",
    "/license/preview",
    "/users",
    "/users/delete",
    "/users/restore",
    "/users/grant",
    "/users/revoke",
    "/users/link",
    "/users/undo",
    "/users/import",
    "/users/rename",
    "/users/erase",
    "/auditors",
    "/auditors/remove",
    "/auditors/link",
    "/auditors/erase",
    "/tokens",
    "/tokens/replace",
    "/tokens/revoke",
    "/notifications/webhooks",
    "/notifications/mail/test",
    "/notifications/webhooks/test",
    "/notifications/webhooks/stop",
    "/notifications/webhooks/resume",
    "/notifications/webhooks/remove",
    "/audit/overview/checkpoint",
    "/own-password",
    "/own-language",
    "/password/link",
    "/sign-ins/end",
    "/sign-in/code",
    "/second-factor/begin",
    "/second-factor/confirm",
    "/second-factor/off",
    "/calendar/make",
    "/calendar/off",
)


@pytest.fixture(scope="module")
def signed_in(shared_house: House) -> Visitor:
    return shared_house.visitor(ADMINISTRATOR)


def test_the_list_of_forms_is_whole(shared_house: House) -> None:
    rules = shared_house.app.url_map.iter_rules()
    posts = {rule.rule for rule in rules if "POST" in (rule.methods or ()) and not is_for_programs(rule.rule)}
    assert posts == set(FORMS)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", ["none", "foreign"])
def test_a_form_without_our_token_is_refused(shared_house: House, signed_in: Visitor, path: str, token: str) -> None:
    fields = {"login_name": ADMINISTRATOR, "name": "x", "license_key": "x"}
    if token == "foreign":
        stranger = shared_house.visitor()
        stranger.get("/sign-in")
        fields["csrf_token"] = stranger._csrf
    before = shared_house.view.position
    answer = signed_in.client.post(path, data=fields)
    assert answer.status_code == 400
    assert "This form is no longer good" in text_of(answer)
    assert shared_house.view.position == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://attacker.example"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost.attacker.example"},
        {"Origin": "http://attacker.example/localhost"},
        {"Origin": "http://localhost@attacker.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ],
    ids=str,
)
def test_a_request_from_another_site_is_refused_even_with_our_token(
    shared_house: House, signed_in: Visitor, headers: dict[str, str]
) -> None:
    answer = signed_in.post("/users", headers=headers, login_name="mallory")
    assert answer.status_code == 403
    assert "This request came from another site. Nothing was changed." in text_of(answer)
    assert shared_house.view.user("mallory") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost", "Referer": "https://elsewhere.example"},
        {},
    ],
    ids=str,
)
def test_a_request_from_our_own_pages_is_taken(signed_in: Visitor, headers: dict[str, str]) -> None:
    assert signed_in.post("/users/restore", headers=headers, login_name=ADMINISTRATOR).status_code == 303


def test_the_api_refuses_pages_of_other_sites_too(shared_house: House) -> None:
    headers = {"Authorization": f"Bearer {shared_house.token('users')}", "Sec-Fetch-Site": "cross-site"}
    answer = shared_house.app.test_client().post("/api/v1/users", json={"login_name": "mallory"}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "localhost.attacker.example",
        "attacker.example:80",
        "localhost@attacker.example",
        "localhost/attacker",
        "",
        "[::2]",
        "LOCALHOST.attacker.example",
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/users", "/password", "/static/seatledger.css"])
def test_a_host_that_is_not_ours_is_refused(signed_in: Visitor, host: str, path: str) -> None:
    answer = signed_in.client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "SEATLEDGER_TRUSTED_HOSTS" in answer.text
    assert "attacker" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "attacker.example"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Port": "8443"},
        {"X-Forwarded-Prefix": "/attacker"},
        {"Forwarded": "host=attacker.example;proto=https"},
        {"X-Original-URL": "/attacker"},
    ],
    ids=str,
)
def test_forwarded_headers_change_no_link(signed_in: Visitor, headers: dict[str, str]) -> None:
    page = signed_in.follow(signed_in.post("/users/link", headers=headers, login_name=ADMINISTRATOR))
    [link] = re.findall(r'value="([^"]+)/password#', page.text)
    assert link == "http://localhost"


@pytest.mark.parametrize(
    "target",
    [
        "https://attacker.example/",
        "//attacker.example/",
        "///attacker.example/",
        "/\\attacker.example/",
        "\\\\attacker.example/",
        "http:attacker.example",
        "javascript:alert(1)",
        "/users\r\nSet-Cookie: a=b",
        "/\t/attacker.example/",
        " //attacker.example/",
        "users",
        "",
        "/ü",
        "http://localhost/users",
        "http://[",
    ],
)
def test_signing_in_leads_nowhere_else(house: House, target: str) -> None:
    assert local_path(target) is None
    assert house.visitor().sign_in(ADMINISTRATOR, next=target).headers["Location"] == "/system-settings"


NAMES = [
    "<script>alert(1)",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "<svg onload=alert(1)>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{login_name}",
    "%(login_name)s",
    "${7*7}",
    "'; DROP TABLE stored_events; --",
    "' OR '1'='1",
    "=cmd|' !A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "&lt;b&gt;",
    "a&amp;b",
    "田中花子",
    "مستخدم",
    "ﬁ",
    "name with  two blanks",
    "a\u0301" * 90,
    "👩",
]
"""Names that are allowed, and must be shown as what they are."""


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_is_shown_inert_wherever_it_stands(shared_house: House, signed_in: Visitor, name: str) -> None:
    said = signed_in.follow(signed_in.post("/users", login_name=name, administrator="yes"))
    user = shared_house.view.user(name)
    assert user is not None
    found = signed_in.get(f"/users?search={quote(name)}")
    refused = signed_in.post("/users", login_name=name)
    assert refused.status_code == 409
    for page in (said, found, refused):
        inert = re.sub(r"[&<>\"']", lambda special: escape(special[0]).replace("&quot;", "&#34;"), user.login_name)
        inert = inert.replace("&#x27;", "&#39;")
        assert inert in page.text
        for tag in ("<script>alert", "<img src=x", "<svg", "onfocus='"):
            assert tag not in page.text
    assert signed_in.post("/users/delete", login_name=name).status_code == 303
    assert shared_house.view.in_use == 1


@pytest.mark.parametrize(
    "name",
    [
        "\u202eadmin",
        "ad\u200bmin",
        "ad\u00admin",
        "admin\u2066x",
        "\ufeffadmin",
        "a\x00b",
        "a\nb",
        "a\x1b[31mb",
        "line\u2028two",
        "x" * 10_000,
        "\ufdfa" * 100,
        ".",
        "..",
        "../etc/passwd",
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") * 201,
        " \u3000 ",
    ],
    ids=ascii,
)
def test_a_name_that_hides_or_is_too_long_is_refused(shared_house: House, signed_in: Visitor, name: str) -> None:
    before = shared_house.view.position
    for path, field in (("/users", "login_name"), ("/auditors", "name")):
        answer = signed_in.post(path, **{field: name})
        assert (answer.status_code, "login_name_invalid" in answer.text) == (400, True)
        assert len(answer.text) < 60_000
    assert shared_house.view.position == before


@pytest.mark.parametrize(
    "path",
    [
        "/users?after=" + quote("<script>alert(1)</script>"),
        "/users?show=" + quote('"><script>alert(1)</script>'),
        "/users?search=" + quote('"><script>alert(1)</script>'),
        "/users?after=%00&search=%FF%FE",
        "/users?search=" + "x" * 5000,
        "/sign-in?next=" + quote('"><script>alert(1)</script>'),
        "/sign-in?login_name=" + quote('"><script>alert(1)</script>'),
        "/password?link=" + quote('"><script>alert(1)</script>'),
        "/" + quote("<script>alert(1)</script>"),
    ],
)
def test_a_strange_address_is_shown_inert(shared_house: House, path: str) -> None:
    for name in (None, ADMINISTRATOR):
        visitor = shared_house.visitor(name)
        answer = visitor.get(path)
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text


def test_every_page_says_how_browsers_shall_protect_it(shared_house: House) -> None:
    for name, path in ((None, "/sign-in"), (None, "/no-such-page"), (ADMINISTRATOR, "/license"), (None, "/license")):
        headers = shared_house.visitor(name).get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


def test_no_page_has_an_inline_script_or_style(signed_in: Visitor) -> None:
    for path in ("/system-settings", "/license", "/users", "/auditors", "/tokens", "/own-password"):
        page = signed_in.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)


def test_the_cookie_of_the_session_is_not_for_scripts_and_not_for_other_sites(house: House) -> None:
    [cookie] = house.visitor().get("/sign-in").headers.getlist("Set-Cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_a_forged_cookie_is_nobody(house: House) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    cookie = visitor.client.get_cookie("seatledger")
    assert cookie is not None
    # Not the last character: of its six bits base64 ignores two, so that one in four stands for the same signature.
    other = ("B" if cookie.value[-2] == "A" else "A") + cookie.value[-1]
    for forged in (cookie.value[:-2] + other, "x", "a.b.c", "." * 4000):
        visitor.client.set_cookie("seatledger", forged)
        assert visitor.client.get("/license").status_code == 303
