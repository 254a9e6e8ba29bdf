"""The server: what it needs before it starts, how it stops, and that a dead worker is replaced."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from interface.server import ask_ready
from interface.settings import Settings
from tests.faults.cluster import children
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import PATIENCE, Server, free_port, serving


def assert_refused(line: CommandLine, said: str, *options: object) -> None:
    """One clear line on standard error, exit status 1, and no server."""
    refused = line.run("serve", "--port", free_port(), *options)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(said)
    assert refused.stderr.count("\n") == 1


def test_serve_refuses_without_a_secret(line: CommandLine) -> None:
    line.environment["SEATLEDGER_SECRET_KEY_FILE"] = ""
    assert_refused(line, "Error: SEATLEDGER_SECRET_KEY_FILE is not set.")


def test_serve_refuses_a_secret_that_is_too_short_or_not_there(ready: CommandLine) -> None:
    secret = Path(ready.environment["SEATLEDGER_SECRET_KEY_FILE"])
    secret.write_bytes(b"short")
    assert_refused(ready, f"Error: The secret in {secret} has 5 bytes")
    secret.unlink()
    assert_refused(ready, "Error: SEATLEDGER_SECRET_KEY_FILE cannot be read: No such file")


def test_serve_refuses_a_secret_of_one_repeated_byte(ready: CommandLine) -> None:
    secret = Path(ready.environment["SEATLEDGER_SECRET_KEY_FILE"])
    for guessed in (b"a" * 32, b"0" * 64 + b"\n", bytes(40)):
        secret.write_bytes(guessed)
        assert_refused(ready, f"Error: The secret in {secret} is one byte repeated")


def test_serve_refuses_a_file_that_is_none(ready: CommandLine) -> None:
    """An endless device would be read for ever, and a pipe waited for."""
    pipe = ready.beside("pipe")
    os.mkfifo(pipe, 0o600)
    for path in ("/dev/zero", pipe):
        ready.environment["SEATLEDGER_KEYRING"] = str(path)
        assert_refused(ready, f"Refused (keyring_invalid): The keyring {path} cannot be used: it is no ordinary file")
        refused = ready.run("serve", "--port", free_port(), SEATLEDGER_SECRET_KEY_FILE=str(path))
        assert refused.stderr.startswith("Error: SEATLEDGER_SECRET_KEY_FILE cannot be read: it is no ordinary file")


@pytest.mark.sqlite_alone("the mode of its file")
@pytest.mark.parametrize("which", ["secret", "log key", "database", "keyring"])
def test_serve_refuses_what_others_can_write_and_names_chmod(ready: CommandLine, which: str) -> None:
    secret = Path(ready.environment["SEATLEDGER_SECRET_KEY_FILE"])
    path = {
        "secret": secret,
        "log key": secret.with_name("log-key.pem"),
        "database": ready.database,
        "keyring": Path(ready.environment["SEATLEDGER_KEYRING"]),
    }[which]
    mode = path.stat().st_mode
    path.chmod(mode | 0o020)
    assert_refused(ready, f"Error: Others can write {path}, ")
    assert f"“chmod go-w {path}”" in ready.run("serve", "--port", free_port()).stderr
    path.chmod(mode)
    path.parent.chmod(0o777)
    assert_refused(ready, "Error: Others can write ")
    assert f"“chmod go-w {path.parent}”" in ready.run("serve", "--port", free_port()).stderr


@pytest.mark.sqlite_alone("the mode of its file")
def test_serve_warns_of_a_secret_that_others_can_read_and_goes_on(ready: CommandLine) -> None:
    secret = Path(ready.environment["SEATLEDGER_SECRET_KEY_FILE"])
    secret.chmod(0o644)
    ready.database.chmod(0o644)
    with serving(ready.environment, "serve", "--workers", "1", "--no-access-log") as server:
        *warned, _ = server.until("ready")
        assert [line.split(":")[0] for line in warned] == ["Warning (others_can_read)"] * len(warned)
        assert any(f"“chmod go-rwx {secret}”" in line for line in warned)
        assert any(f"“chmod go-rwx {ready.database}”" in line for line in warned)
        assert server.get("/readyz")[0] == 200


def test_serve_refuses_without_a_keyring_that_can_be_read(ready: CommandLine) -> None:
    keyring = Path(ready.environment["SEATLEDGER_KEYRING"])
    keyring.write_text("{}")
    assert_refused(ready, f"Refused (keyring_invalid): The keyring {keyring} cannot be used: ")
    keyring.unlink()
    assert_refused(ready, f"Refused (keyring_invalid): The keyring {keyring} cannot be used: No such file")
    ready.environment["SEATLEDGER_KEYRING"] = ""
    assert_refused(ready, "Error: SEATLEDGER_KEYRING is not set")


def test_serve_refuses_a_form_of_the_log_that_there_is_not(ready: CommandLine) -> None:
    ready.environment["SEATLEDGER_LOG_FORMAT"] = "JSON"
    assert_refused(ready, "Error: SEATLEDGER_LOG_FORMAT must be text or json, not “JSON”.")


@pytest.mark.sqlite_alone("its file")
def test_serve_refuses_without_a_database_that_can_be_opened(ready: CommandLine) -> None:
    ready.database.write_text("no database" * 100)
    assert_refused(ready, f"Error: The database {ready.database} cannot be opened: ")
    ready.database.unlink()
    assert_refused(ready, f"Error: There is no database {ready.database}.")
    ready.database.touch()
    assert_refused(ready, "Refused (not_initialized): ")


@pytest.mark.parametrize("entry", ["https://x.example", "*", "a;b", "lic_srv", "[::1", "licsrv01:http", "300.1.1.1"])
def test_c6_serve_refuses_a_trusted_host_that_can_be_none(ready: CommandLine, entry: str) -> None:
    ready.environment["SEATLEDGER_TRUSTED_HOSTS"] = f"licenses.example.com,{entry}"
    assert_refused(ready, f"Error: SEATLEDGER_TRUSTED_HOSTS: “{entry}” names no host: ")
    assert ready.run("user", "list").exit_code == 0, "other commands do not need it"


def test_c6_a_server_logs_one_line_about_a_host_whichever_worker_met_it(ready: CommandLine) -> None:
    ready.environment["SEATLEDGER_TRUSTED_HOSTS"] = "LICSRV01"
    with serving(ready.environment, "serve", "--workers", "2", "--no-access-log") as server:
        server.until("Seatledger is ready")
        assert server.get("/livez", Host="licsrv01")[0] == 200
        assert {server.get("/livez", Host="licsrv99")[0] for _ in range(40)} == {400}
        server.process.terminate()
        lines = []
        while (line := server.lines.get(timeout=PATIENCE)) is not None:
            lines.append(line)
    assert sum("SEATLEDGER_TRUSTED_HOSTS" in line for line in lines) == 1


def test_serve_refuses_an_address_that_it_cannot_listen_at(ready: CommandLine) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert_refused(ready, f"Error: Port {port} at 127.0.0.1 is in use.", "--port", port)
    assert_refused(ready, "Error: Cannot listen at 192.0.2.1", "--host", "192.0.2.1")
    assert_refused(ready, "Error: “no host” is no address of this machine", "--host", "no host")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system keeps no process on one processor")
def test_workers_are_kept_on_a_processor_each_if_that_is_asked_for(ready: CommandLine) -> None:
    for options, number in (((), len(os.sched_getaffinity(0))), (("--pin-workers",), 1)):
        with serving(ready.environment, "serve", "--workers", "2", *options) as server:
            server.until("Seatledger is ready")
            workers = children(server.process.pid)
            assert [len(os.sched_getaffinity(worker)) for worker in workers] == [number, number]
            assert len(set.union(*map(os.sched_getaffinity, workers))) == len(os.sched_getaffinity(0)), "all are used"


def test_serve_says_where_workers_cannot_be_kept_so(ready: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)  # as on macOS, which no test here runs on
    assert_refused(ready, "Error: This system keeps no process on one processor", "--pin-workers")


@pytest.mark.parametrize("wrong", [("--port", "0"), ("--port", "65536"), ("--workers", "0"), ("--workers", "x")])
def test_wrong_usage_is_2(ready: CommandLine, wrong: tuple[str, str]) -> None:
    assert ready.run("serve", *wrong).exit_code == 2


@pytest.mark.sqlite_alone("its file")
def test_no_connection_to_the_database_is_carried_into_the_workers(ready: CommandLine) -> None:
    ask_ready(Settings.from_environment(ready.environment))
    held = {str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}
    assert [file for file in held if file.startswith(str(ready.database))] == []


def test_a_server_answers_logs_without_queries_and_finishes_what_is_in_flight(ready: CommandLine) -> None:
    token = ready.do("token", "create", "gateway", "--scope", "login-check").strip()
    with serving(ready.environment, "serve", "--workers", "1") as server:
        assert server.until("ready") == [f"Seatledger is ready at http://127.0.0.1:{server.port}/"]
        status, body = server.get("/api/v1/login-check?login_name=admin", Authorization=f"Bearer {token}")
        assert (status, '"code":"no_license"' in body) == (200, True)
        (logged,) = server.until("login-check")
        assert '"GET /api/v1/login-check" 200' in logged
        assert "admin" not in logged
        assert token not in logged
        server.get("/livez%0Aforged%20line")
        lines = server.until(" 404 ")
        assert '"GET -" 404' in lines[-1]
        assert "forged" not in "".join(lines)
        assert server.stop() == 0


def test_a_server_whose_log_is_json_writes_nothing_else(ready: CommandLine) -> None:
    """Its own lines, those of the access log and those of the server that it runs on."""
    environment = {**ready.environment, "SEATLEDGER_LOG_FORMAT": "json", "SEATLEDGER_TRUSTED_PROXIES": "127.0.0.1"}
    Path(environment["SEATLEDGER_SECRET_KEY_FILE"]).with_name("log-key.pem").unlink()
    with serving(environment, "serve", "--workers", "1") as server:
        lines = server.until("ready")
        server.get("/livez", **{"X-Request-Id": "from-a-proxy.1"})
        lines += server.until("/livez")
        server.get("/livez", Host="elsewhere.example")
        lines += server.until("elsewhere.example")
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        lines += server.until("Unexpected exit from worker-1")
    told = [json.loads(line) for line in lines]
    assert {"timestamp", "level", "logger", "event"} <= set.intersection(*(set(each) for each in told))
    (missing,) = [each for each in told if each.get("code") == "log_key_unusable"]
    assert missing["level"] == "warning"
    (request,) = [each for each in told if each.get("request_id") == "from-a-proxy.1"]
    assert (request["logger"], request["route"], request["status"]) == ("seatledger.access", "/livez", 200)
    assert {each["logger"] for each in told} >= {"seatledger.server", "interface.web.app", "_granian"}


def test_a_request_in_flight_is_finished_before_the_server_stops(ready: CommandLine) -> None:
    token = ready.do("token", "create", "gateway", "--scope", "users").strip()
    body = b'{"login_name": "alice"}'
    head = (
        f"POST /api/v1/users HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with serving(ready.environment, "serve", "--workers", "1") as server:
        server.until("ready")
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client:
            client.sendall(head.encode())
            # The application has begun to read the body: the request is in flight.
            assert client.recv(1024).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(signal.SIGTERM)
            _wait_until_refused(server)
            client.sendall(body)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 201 ")
        assert server.process.wait(timeout=PATIENCE) == 0
    assert ready.json("check", "alice")["login_name"] == "alice"


def _wait_until_refused(server: Server) -> None:
    """Until the server takes no new connections: the signal has arrived."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE).close()
        except OSError:
            return
        time.sleep(0.02)
    raise AssertionError("it still takes connections")


def test_a_killed_worker_is_replaced(ready: CommandLine) -> None:
    with serving(ready.environment, "serve", "--workers", "1", "--no-access-log") as server:
        server.until("ready")
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.until("Unexpected exit from worker-1")
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                assert server.get("/readyz")[0] == 200
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert worker not in server.workers()
        assert server.stop(signal.SIGINT) == 0


def test_a_missing_log_key_is_one_warning_and_the_server_goes_on(ready: CommandLine) -> None:
    key = Path(ready.environment["SEATLEDGER_SECRET_KEY_FILE"]).with_name("log-key.pem")
    key.unlink()
    with serving(ready.environment, "serve", "--workers", "1", "--no-access-log") as server:
        warned, _ = server.until("ready")
        assert warned.startswith(f"Warning (log_key_unusable): The log key cannot be used: {key} is missing.")
        assert server.get("/readyz")[0] == 200
        assert server.stop() == 0
