"""Behind real proxies, configured as docs/gateway.md says; only paths, ports and tokens are others.

nginx is always run; Caddy, HAProxy and Apache where Debian could give them (`make proxies`, part of `make test`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest

from tests.examples import a_key, a_period
from tests.interface.cli.processes import PATIENCE, Server, free_port, serving
from tests.interface.cli.test_proxy import make_certificate
from tests.world import World

PAGE = Path("docs/gateway.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))

HOST = "product.example.com"
PASSWORD = "let me in"
BCRYPT = "$2b$04$abcdefghijklmnopqrstuuTnc8amReAFiMHxaSoW9U22KarbWnkSm"
CRYPT = "$5$rounds=1000$salt$XNKcH55At9t6dycqQhzm6O/m2DvMACHmbZUTRuJi8i1"
"""Hashes of that password which take no time."""

NAMED_BY = "X-Forwarded-Preferred-Username"
"""In which header oauth2-proxy says whom it let in."""

PEOPLE = ("admin", "alice", "ALICE", "bob", "山田", "nobody", "al%69ce")
"""Whom the proxy lets sign in. The last one is nobody's login name, and decodes to one that is somebody's."""


def blocks(section: str, language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", SECTIONS[section], re.MULTILINE | re.DOTALL)
    assert found, section
    return list(found)


@dataclass
class Answer:
    status: int
    text: str
    location: str | None

    @property
    def product(self) -> dict[str, str]:
        """The headers that the product was reached with."""
        headers: dict[str, str] = json.loads(self.text)
        return headers


@dataclass
class Door:
    """A proxy before the product, as a person with a browser meets it."""

    port: int
    certificate: Path | None

    def ask(self, path: str, name: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        connection: HTTPConnection
        if self.certificate is None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        else:
            context = ssl.create_default_context(cafile=self.certificate)
            connection = HTTPSConnection("127.0.0.1", self.port, context=context, timeout=PATIENCE)
        sent = {"Host": HOST, "Accept": "text/html", **(headers or {})}
        if name is not None:
            sent["Authorization"] = f"Basic {b64encode(f'{name}:{PASSWORD}'.encode()).decode()}"
        try:
            connection.request("GET", path, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(), answer.headers["Location"])
        finally:
            connection.close()

    def turned_away(self, path: str, name: str) -> Answer:
        """The page for somebody who is not let in, wherever the proxy sends them."""
        answer = self.ask(path, name)
        if answer.status == 303:
            assert answer.location
            assert answer.location.startswith("/denied?")
            answer = self.ask(answer.location)
        assert answer.status == 403, answer
        return answer


class Product(BaseHTTPRequestHandler):
    """Says with which headers it was reached."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Place:
    """What a configuration is written for."""

    directory: Path
    seatledger: int
    product: int
    token: str
    port: int

    def fitted(self, text: str, *others: tuple[str, str]) -> str:
        """The documented text for this place."""
        certificate, key = self.directory / "certificate.pem", self.directory / "certificate.key"
        for documented, ours in (
            *others,
            (f"/etc/ssl/{HOST}.pem", str(certificate)),
            (f"/etc/ssl/{HOST}.key", str(key)),
            ("127.0.0.1:8000", f"127.0.0.1:{self.seatledger}"),
            ("127.0.0.1:9000", f"127.0.0.1:{self.product}"),
        ):
            assert documented in text or (documented, ours) not in others, documented
            text = text.replace(documented, ours)
        return text

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        return path


@contextmanager
def running(place: Place, *command: object, certificate: bool, **environment: str) -> Iterator[Door]:
    """The proxy until the test is over. Where it ends early, what it said is told."""
    log = (place.directory / "proxy.log").open("wb")
    process = subprocess.Popen(
        list(map(str, command)),
        stdout=log,
        stderr=subprocess.STDOUT,
        env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(place.directory), **environment},
        cwd=place.directory,
    )
    try:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", place.port)).close()
                break
            except OSError:
                said = (place.directory / "proxy.log").read_text()
                assert process.poll() is None, said
                assert time.monotonic() < give_up, said
                time.sleep(0.02)
        yield Door(place.port, place.directory / "certificate.pem" if certificate else None)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        log.close()


@contextmanager
def nginx(
    place: Place, program: str, *, behind_oauth2_proxy: bool = False, snapshot: Path | None = None
) -> Iterator[Door]:
    """With the file of a snapshot, the configuration that goes on without Seatledger."""
    site, asking = blocks("nginx", "nginx")
    at_the_top = in_http = ""
    if snapshot is not None:
        at_the_top, in_http, site = with_snapshot(place, site, snapshot)
    listen = f"listen 127.0.0.1:{place.port} ssl"
    if behind_oauth2_proxy:  # as that section says
        assert "`$http_x_forwarded_preferred_username` in the place of `$remote_user`" in SECTIONS["oauth2-proxy"]
        site = re.sub(r" +auth_basic.*\n", "", site).replace("$remote_user", "$http_x_forwarded_preferred_username")
        listen = f"listen 127.0.0.1:{place.port}"
    people = place.write("people", "".join(f"{name}:{CRYPT}\n" for name in PEOPLE))
    ask = place.write("ask.conf", place.fitted(asking, ("TOKEN", place.token)))
    site = place.fitted(
        site,
        ("listen 443 ssl", listen),
        *(() if behind_oauth2_proxy else (("/etc/nginx/people", str(people)),)),
        ("/etc/nginx/seatledger-ask.conf", str(ask)),
    )
    d = place.directory
    kept = "".join(f"{what}_temp_path {d}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    configuration = place.write(
        "nginx.conf",
        f"{at_the_top}\ndaemon off; master_process off; pid {d}/nginx.pid; error_log {d}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {kept} {in_http}\n{site}\n}}\n",
    )
    with running(
        place, program, "-c", configuration, "-p", d, "-e", d / "error.log", certificate=not behind_oauth2_proxy
    ) as door:
        yield door


def with_snapshot(place: Place, site: str, snapshot: Path) -> tuple[str, str, str]:
    """What the page puts at the top, into `http`, and into the site."""
    title = "nginx with a snapshot"
    (location,), (access,) = blocks(title, "nginx"), blocks(title, "lua")
    client = re.search(r"^```lua\n(local ffi.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    at_the_top, in_http = re.findall(r"`((?:load_module|lua_package_path) [^`]+;)`", SECTIONS[title])
    assert client
    place.write("seatledger_snapshot.lua", client[1])
    vkey = place.write("log-key.vkey", snapshot.with_name("log-key.vkey").read_text())
    paths = (("/etc/nginx/log-key.vkey", str(vkey)), ("/var/lib/nginx/snapshot.json", str(snapshot)))
    at_once = ("ngx.now() + 10", "ngx.now()")
    script = place.write("seatledger_access.lua", place.fitted(access, *paths, at_once))
    site, number = re.subn(r"    location @unavailable \{.*?\n    \}\n", lambda _: location, site, flags=re.DOTALL)
    assert number == 1
    site = place.fitted(site, ("/etc/nginx/seatledger_access.lua", str(script)))
    modules = at_the_top.replace("modules/", "/usr/lib/nginx/modules/")
    return modules, in_http.replace("/etc/nginx", str(place.directory)), site


@contextmanager
def caddy(place: Place, program: str) -> Iterator[Door]:
    (site,) = blocks("Caddy", "caddyfile")
    hash_ = b64encode(BCRYPT.encode()).decode()
    people = place.write("people", "".join(f"{name} {hash_}\n" for name in PEOPLE))
    site = place.fitted(
        site, (f"{HOST} {{", f"http://{HOST}:{place.port} {{\n\tbind 127.0.0.1"), ("/etc/caddy/people", str(people))
    )
    configuration = place.write("Caddyfile", f"{{\n\tadmin off\n}}\n{site}")
    command = (program, "run", "--config", configuration, "--adapter", "caddyfile")
    with running(place, *command, certificate=False, SEATLEDGER_TOKEN=place.token) as door:
        yield door


@contextmanager
def haproxy(place: Place, program: str) -> Iterator[Door]:
    (site,) = blocks("HAProxy", "haproxy")
    (lua,) = blocks("HAProxy", "lua")
    script = place.write("seatledger.lua", place.fitted(lua, ('"TOKEN"', f'"{place.token}"')))
    both = (place.directory / "certificate.pem").read_text() + (place.directory / "certificate.key").read_text()
    pem = place.write("both.pem", both)
    site = place.fitted(
        site,
        ("bind :443", f"bind 127.0.0.1:{place.port}"),
        (f"/etc/ssl/{HOST}.pem", str(pem)),
        ("/etc/haproxy/seatledger.lua", str(script)),
        ("    user alice password $5$...\n", "".join(f"    user {name} password {CRYPT}\n" for name in PEOPLE)),
    )
    with running(place, program, "-db", "-f", place.write("haproxy.cfg", site), certificate=True) as door:
        yield door


MODULES = ("mpm_event authn_core authn_file authz_core authz_user auth_basic lua proxy proxy_http headers ssl "
           "socache_shmcb unixd")  # fmt: skip


@contextmanager
def apache(place: Place, program: str) -> Iterator[Door]:
    (site,) = blocks("Apache", "apache")
    (lua,) = blocks("Apache", "lua")
    script = place.write("seatledger.lua", place.fitted(lua, ('"TOKEN"', f'"{place.token}"')))
    people = place.write("people", "".join(f"{name}:{CRYPT}\n" for name in PEOPLE))
    site = place.fitted(
        site,
        ("*:443", f"127.0.0.1:{place.port}"),
        ("/etc/apache2/people", str(people)),
        ("/etc/apache2/seatledger.lua", str(script)),
    )
    loaded = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
        for name in MODULES.split()
        if Path(f"/usr/lib/apache2/modules/mod_{name}.so").exists()
    )
    d = place.directory
    configuration = place.write(
        "apache.conf",
        f"ServerRoot {d}\nServerName {HOST}\nListen 127.0.0.1:{place.port}\nPidFile {d}/apache.pid\n"
        f"ErrorLog {d}/error.log\nDefaultRuntimeDir {d}\nMutex default:{d}\nUser nobody\nGroup nogroup\n{loaded}{site}",
    )
    with running(place, program, "-D", "FOREGROUND", "-f", configuration, certificate=True) as door:
        yield door


PROXIES: dict[str, tuple[str, Callable[[Place, str], Any]]] = {  # Any: a context manager of a Door
    "nginx": ("nginx", nginx),
    "caddy": ("caddy", caddy),
    "haproxy": ("haproxy", haproxy),
    "apache": ("apache2", apache),
}


@pytest.fixture
def seatledger(tmp_path: Path) -> Iterator[tuple[World, Server]]:
    with an_installation(tmp_path) as both:
        yield both


@contextmanager
def an_installation(tmp_path: Path, **settings: str) -> Iterator[tuple[World, Server]]:
    directory = tmp_path / "seatledger"
    directory.mkdir()
    (directory / "secret.key").write_bytes(b"a secret of the tests, 32 bytes!")
    (directory / "secret.key").chmod(0o600)
    with World(directory).open() as world:
        world.add("alice", "bob", "山田")
        world.do("delete_user", "bob")
        environment = {**world.environment, "SEATLEDGER_SECRET_KEY_FILE": str(directory / "secret.key")}
        environment |= settings
        with serving(environment, "serve", "--workers", "1") as server:
            server.until("ready")
            yield world, server


@pytest.mark.seldom_on_postgresql("it is about proxies; how a decision is reached is asked elsewhere")
@pytest.mark.parametrize("proxy", PROXIES)
def test_a_documented_configuration_lets_in_whom_seatledger_admits_and_nobody_else(
    proxy: str, seatledger: tuple[World, Server]
) -> None:
    name, configured = PROXIES[proxy]
    program = shutil.which(name, path="/usr/sbin:/usr/bin")
    if program is None and proxy != "nginx":
        pytest.skip(f"{name} is not installed; make proxies installs it")
    assert program, "nginx is not installed; make test installs it"
    world, server = seatledger
    token = world.do("create_token", "door", ["login-check"])
    with a_place(server, token.text) as place, configured(place, program) as door:
        walk(door, world, server, token.token_id)


@pytest.mark.seldom_on_postgresql("it is about proxies; how a decision is reached is asked elsewhere")
def test_behind_oauth2_proxy_the_name_is_the_one_that_it_sets(seatledger: tuple[World, Server]) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert program, "nginx is not installed; make test installs it"
    world, server = seatledger
    world.register(a_key_for_long())
    token = world.do("create_token", "door", ["login-check"]).text
    with a_place(server, token) as place, nginx(place, program, behind_oauth2_proxy=True) as door:
        named = door.ask("/", headers={NAMED_BY: "ALICE", "X-Login-Name": "admin"})
        assert named.product["x-login-name"] == "alice"
        assert "deleted" in door.ask("/", headers={NAMED_BY: "bob"}).text
        nobody = door.ask("/", headers={"X-Login-Name": "admin"})
        assert (nobody.status, "cannot be found out" in nobody.text) == (503, True)


@pytest.mark.seldom_on_postgresql("it is about proxies; how a decision is reached is asked elsewhere")
def test_nginx_goes_on_with_a_snapshot_while_seatledger_is_silent(tmp_path: Path) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if not Path("/usr/lib/nginx/modules/ngx_http_lua_module.so").exists():
        pytest.skip("nginx's Lua module is not installed; make lua installs it")
    assert program, "nginx is not installed; make test installs it"
    with an_installation(tmp_path, SEATLEDGER_SNAPSHOT_HOURS="24") as (world, server):
        fetching = f"Bearer {world.do('create_token', 'snapshot', ['snapshot']).text}"
        unlicensed = server.get("/api/v1/snapshot", Authorization=fetching)[1]
        world.register(a_key_for_long())
        licensed = server.get("/api/v1/snapshot", Authorization=fetching)[1]
        token = world.do("create_token", "door", ["login-check"]).text
        with a_place(server, token) as place:
            file = place.write("snapshot.json", licensed)
            place.write("log-key.vkey", world.vkey)
            with nginx(place, program, snapshot=file) as door:
                world.do("delete_user", "alice")
                assert "deleted" in door.turned_away("/", "alice").text, "an answer is newer than the snapshot"
                server.stop()
                go_on(door, file, unlicensed, licensed)


def go_on(door: Door, file: Path, unlicensed: str, licensed: str) -> None:
    """All that a door has to do while Seatledger is silent."""
    file.write_text(unlicensed)
    assert (door.ask("/", "admin").status, door.ask("/admin/", "admin").status) == (403, 200)
    assert door.ask("/admin/", "alice").status == 403
    file.write_text(licensed)
    lies = {"X-Login-Name": "admin", "X_Login_Name": "admin", "X-Optional-Products": "everything"}
    reached = door.ask("/?x=1", "ALICE", lies).product
    assert (reached["x-login-name"], reached["x-optional-products"]) == ("ALICE", "advanced-reports,api")
    assert "authorization" not in reached
    assert door.ask("/", "山田").product["x-login-name"] == "%E5%B1%B1%E7%94%B0"
    assert "x-optional-products" not in door.ask("/admin/", "admin").product
    assert "deleted" in door.ask("/", "bob").text
    assert [door.ask("/", name).status for name in ("bob", "nobody", "al%69ce")] == [403, 403, 403]
    assert door.ask("/").status == 401
    for other in (licensed.replace("a", "b"), unlicensed, "", "{}"):
        file.write_text(other)
        assert door.ask("/", "alice").status == 200, "what is no newer snapshot takes nothing away"


@contextmanager
def a_place(server: Server, token: str) -> Iterator[Place]:
    """Where a proxy can be put, before a product and beside Seatledger; what it logged stands under what goes wrong."""
    with ExitStack() as stack:
        # Apache gives up being root, and pytest's directories are its owner's alone.
        directory = Path(stack.enter_context(TemporaryDirectory()))
        directory.chmod(0o711)
        make_certificate(directory)
        (directory / "certificate.key").chmod(0o644)
        product = ThreadingHTTPServer(("127.0.0.1", 0), Product)
        Thread(target=product.serve_forever, daemon=True).start()
        stack.callback(product.server_close)
        stack.callback(product.shutdown)
        try:
            yield Place(directory, server.port, product.server_address[1], token, free_port())
        except AssertionError as error:
            for log in ("proxy.log", "error.log"):
                if (directory / log).exists():
                    error.add_note((directory / log).read_text()[-3000:])
            raise


def walk(door: Door, world: World, server: Server, token_id: str) -> None:
    """All that a door has to do, from before the first license on."""
    assert "No license key is registered yet. Please tell" in door.turned_away("/", "alice").text
    assert "Admin screen" in door.turned_away("/", "admin").text
    assert door.ask("/admin/", "admin").product["x-login-name"] == "admin"
    door.turned_away("/admin/", "alice")
    for way_out in ("/admin/../secret", "/admin/%2e%2e/secret", "/admin/..%2fsecret", "/admin/x/%2E%2E/%2e./secret"):
        assert door.ask(way_out, "admin").status != 200, "the Admin screen's door leads to the rest of the product"

    world.register(a_key_for_long())
    lies = {
        "X-Login-Name": "admin",
        "X_Login_Name": "admin",
        "X-Login_Name": "admin",
        "X-Optional-Products": "everything",
    }
    reached = door.ask("/", "alice", lies).product
    assert not any("_" in name for name in reached), reached
    assert (reached["x-login-name"], reached["x-optional-products"]) == ("alice", "advanced-reports,api")
    assert "authorization" not in reached
    assert door.ask("/", "ALICE").product["x-login-name"] == "alice"
    assert door.ask("/", "山田").product["x-login-name"] == "%E5%B1%B1%E7%94%B0"
    assert door.ask("/").status == 401
    door.turned_away("/", "al%69ce")
    assert "deleted" in door.turned_away("/", "bob").text
    page = door.turned_away("/", "nobody").text
    assert "no user with" in page
    assert 'href="/denied.css"' in page
    assert door.ask("/denied.css").text.startswith("/* The page of GET /denied")

    world.add("carol")
    assert "number of licenses has been exceeded" in door.turned_away("/", "alice").text
    assert door.ask("/admin/", "admin").status == 200

    workers = server.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    assert_unavailable(door)  # it takes the connection, and never answers
    for worker in workers:
        os.kill(worker, signal.SIGCONT)
    world.do("revoke_token", token_id)
    assert_unavailable(door)
    server.stop()
    assert_unavailable(door)


def assert_unavailable(door: Door) -> None:
    answer = door.ask("/", "admin")
    assert answer.status in (500, 503), answer
    assert "cannot be found out at the moment" in answer.text


def a_key_for_long() -> str:
    long = a_period(end="2126-03-31")
    products = ("advanced-reports", "api")
    return a_key(license_period=long, maintenance_period=long, optional_products=products)


@pytest.mark.seldom_on_postgresql("it is about clients; how a decision is reached is asked elsewhere")
def test_the_clients_of_the_page_tell_a_decision_from_silence(seatledger: tuple[World, Server]) -> None:
    world, server = seatledger
    (shell,) = re.findall(r"^```sh\n(case .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (python,) = re.findall(r"^```python\n(import json, urllib.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    functions: dict[str, Any] = {}
    exec(compile(python, "docs/gateway.md", "exec"), functions)  # noqa: S102  it is our own page
    token = world.do("create_token", "door", ["login-check"]).text

    def answers(token: str, name: str, *, admin: bool = False) -> tuple[str, str]:
        done = subprocess.run(
            ["sh", "-c", shell.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")],
            env={"PATH": "/usr/bin:/bin", "TOKEN": token, "LOGIN_NAME": name},
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
        told, message = functions["door"](f"http://127.0.0.1:{server.port}", token, name, admin)
        assert message
        return done.stdout.strip(), told

    assert answers(token, "alice") == ("turn away", "away")
    assert answers(token, "admin", admin=True) == ("turn away", "in")
    world.register(a_key_for_long())
    assert answers(token, "alice") == ("let in", "in")
    assert answers(token, "bob") == ("turn away", "away")
    assert answers("slt_nonsense", "alice") == ("silent", "silent")
    server.stop()
    assert answers(token, "alice") == ("silent", "silent")
