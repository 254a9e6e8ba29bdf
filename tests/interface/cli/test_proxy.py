"""Behind a real nginx, configured as docs/operations.md says; only its paths and ports are others."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.examples import PASSWORD
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import PATIENCE, free_port, serving

HOST = "licenses.example.com"
DOCUMENTED = re.search(
    r"conf.d/seatledger.conf <<'EOF'\n(.*?)^EOF$",
    Path("docs/operations.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


def test_an_administrator_signs_in_through_nginx_over_tls(ready: CommandLine, tmp_path: Path) -> None:
    ready.environment |= {"SEATLEDGER_TRUSTED_HOSTS": HOST, "SEATLEDGER_TRUSTED_PROXIES": "127.0.0.1"}
    with serving(ready.environment, "serve", "--workers", "1") as server:
        server.until("ready")
        with nginx(tmp_path, server.port) as browser:
            status, page = browser.get("/sign-in?next=/license")
            assert status == 200
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
            assert token
            status, _ = browser.post(
                "/sign-in", csrf_token=token[1], login_name="admin", password=PASSWORD, next="/license"
            )
            assert status == 303
            assert all(name.startswith("__Host-") for name in browser.cookies)
            status, page = browser.get("/license")
            assert status == 200
            assert "Register License" in page
            statuses = {browser.get("/sign-in")[0] for _ in range(15)}
            assert 429 in statuses
        logged = (tmp_path / "access.log").read_text()
        assert '"GET /sign-in"' in logged
        assert "next" not in logged
        request_id = next(line for line in logged.splitlines() if '"GET /license"' in line).split()[-1]
        assert '"GET /license" 200' in server.until(request_id)[-1], "both logs know the request by nginx's id"
        assert server.stop() == 0


class Browser:
    """Just enough of a browser: TLS with a certificate that it trusts, cookies, and Sec-Fetch-Site."""

    def __init__(self, port: int, certificate: Path) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=certificate)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def post(self, path: str, **form: str) -> tuple[int, str]:
        return self._ask("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._context, timeout=PATIENCE)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Host": HOST, "Cookie": cookie, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in SimpleCookie(header).items():
                    assert morsel["secure"], header
                    assert morsel["httponly"], header
                    self.cookies[name] = morsel.value
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@contextmanager
def nginx(directory: Path, upstream: int) -> Iterator[Browser]:
    """nginx before the server at `upstream`, until the test is over."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert program, "nginx is not installed; make test installs it"
    assert DOCUMENTED
    port = free_port()
    certificate, key = make_certificate(directory)
    site = DOCUMENTED[1]
    for documented, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (f"/etc/ssl/{HOST}.pem", str(certificate)),
        (f"/etc/ssl/{HOST}.key", str(key)),
        ("/var/log/nginx/seatledger.log", str(directory / "access.log")),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
    ):
        assert documented in site
        site = site.replace(documented, ours)
    kept = "".join(
        f"{what}_temp_path {directory}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = directory / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log;\n"
        f"events {{}}\nhttp {{ {kept}\n{site}\n}}\n"
    )
    process = subprocess.Popen([program, "-c", configuration, "-p", directory, "-e", directory / "error.log"])
    try:
        browser = Browser(port, certificate)
        wait_for(browser, process)
        yield browser
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def wait_for(browser: Browser, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        try:
            browser.get("/livez")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not answer")


def make_certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate of its own signature for the loopback address, good for a day."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem, key = directory / "certificate.pem", directory / "certificate.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, key
