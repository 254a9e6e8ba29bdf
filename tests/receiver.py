"""Somebody's receiver of webhooks: a real HTTPS server on this machine, with a certificate of its own."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Delivery(NamedTuple):
    """What came: its headers, in lower case, and its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return str(self.json["type"])


class Receiver:
    """Answers 200, or in turn what `answers` says: a status, "hang", "drip", "close", or "half" an answer."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: list[int | str] = []
        self.ending = threading.Event()
        """Ends what hangs."""
        self.port = server.server_port
        self.url = f"{scheme}://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        return [delivery.type for delivery in self.deliveries]

    @property
    def events(self) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.id.startswith("evt_")]


def _handler(server: ThreadingHTTPServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver: Receiver = server.receiver  # type: ignore[attr-defined]  # put there below
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.deliveries.append(Delivery(self.path, headers, body))
            answer = receiver.answers.pop(0) if receiver.answers else 200
            if answer == "hang":
                receiver.ending.wait()
            elif answer == "drip":
                while not receiver.ending.wait(0.02):
                    self.wfile.write(b"H")
            elif answer == "half":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                receiver.ending.wait()
            elif isinstance(answer, int):
                self.send_response(answer)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Nothing: who sends may hang up."""


@contextmanager
def receiving(directory: Path, *, tls: bool = True) -> Iterator[Receiver]:
    """A receiver, until the end; with TLS, by the certificate in `directory` (see certificate)."""
    with _Quiet(("127.0.0.1", 0), None) as server:  # type: ignore[arg-type]  # the handler comes below
        server.RequestHandlerClass = _handler(server)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate(directory))
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver = server.receiver = Receiver(server, "https" if tls else "http")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.ending.set()
            server.shutdown()
            thread.join()


def certificate(directory: Path) -> Path:
    """A file with a certificate for 127.0.0.1 and its key; SSL_CERT_FILE lets it be trusted."""
    path = directory / "receiver.pem"
    path.write_bytes(_pem())
    return path


@cache
def _pem() -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return made.public_bytes(pem) + key.private_bytes(pem, plain, serialization.NoEncryption())
