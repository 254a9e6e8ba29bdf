"""Webhooks at the terminal, and the server that delivers: one that is killed in the midst delivers again."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import PATIENCE, Server, serving
from tests.receiver import Receiver, certificate, receiving


@pytest.fixture
def receiver(tmp_path: Path, line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, to which webhooks may go."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    line.environment["SEATLEDGER_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    line.environment["SEATLEDGER_TRUSTED_HOSTS"] = "seatledger.example"
    with receiving(tmp_path) as receiver:
        yield receiver


def add(line: CommandLine, receiver: Receiver, *options: str) -> str:
    """The id of a new webhook."""
    done = line.run("webhook", "add", receiver.url, *options)
    assert done.exit_code == 0, done.output
    found = re.search(r"The webhook (\w{8}) was added\. Try it: seatledger webhook test \1", done.stderr)
    assert found
    return found[1]


def test_a_webhook_is_added_tried_stopped_resumed_and_removed(line: CommandLine, receiver: Receiver) -> None:
    assert line.do("webhook", "list") == "There are no webhooks.\n"
    key = line.run("webhook", "add", receiver.url, "--events", "user.*,license.warning").stdout
    assert re.fullmatch(r"whpk_[A-Za-z0-9+/]{43}=\n", key)
    (webhook,) = line.json("webhook", "list")["webhooks"]
    id_ = webhook["id"]
    assert webhook["types"] == ["license.warning", "user.added", "user.deleted", "user.restored", "user.renamed"]
    assert (webhook["url"], webhook["signature"], webhook["waiting"]) == (receiver.url, "v1a", 0)
    assert line.do("webhook", "test", id_) == "The test arrived.\n"
    assert receiver.types == ["seatledger.test"]
    line.do("user", "add", "Ann")
    assert re.search(rf"^{id_}  delivering  1 +not yet +v1a +{receiver.url}$", line.do("webhook", "list"), re.MULTILINE)
    assert line.do("webhook", "stop", id_) == (
        f"The webhook {id_} is turned off. To go on: seatledger webhook resume {id_}\n"
    )
    assert "turned off" in line.do("webhook", "list")
    assert line.json("webhook", "list")["webhooks"][0]["stopped"] == "by_hand"
    assert line.do("webhook", "resume", id_) == f"The webhook {id_} goes on with event 5.\n"
    assert line.do("webhook", "remove", id_) == f"The webhook {id_} is removed.\n"
    assert line.json("webhook", "list") == {"webhooks": []}


def test_a_secret_that_both_hold_is_printed_once(line: CommandLine, receiver: Receiver) -> None:
    key = line.run("webhook", "add", receiver.url, "--signature", "v1").stdout
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=\n", key)
    assert key.strip() not in line.do("webhook", "list", "--json")
    line.world.close()
    assert key.strip().removeprefix("whsec_").encode() not in b"".join(
        path.read_bytes() for path in line.directory.iterdir() if path.is_file()
    )


def test_the_list_says_what_failed_and_when_it_is_tried_again(line: CommandLine, receiver: Receiver) -> None:
    id_ = add(line, receiver, "--events", "user.added")
    line.do("user", "add", "Ann")
    receiver.answers = [500]
    with line.opened() as seatledger:
        seatledger.deliveries.deliver(seatledger.installation_id)
    listed = line.run("webhook", "list")
    assert f"{id_}  failing" in listed.stdout
    problem = "the answer had the status 500, and only 200 to 299 say that it arrived"
    assert (
        f"Warning: Webhook {id_}: The last delivery failed: {problem}. It is tried again on 2026-04-10 at 09:00:0"
        in (listed.stderr)
    )
    (webhook,) = line.json("webhook", "list")["webhooks"]
    assert webhook["problem"] == {"code": "answered", "message": problem}
    assert webhook["failures"] == 1
    assert webhook["next_try_at"].startswith("2026-04-10T09:00:0")


def test_a_test_that_fails_says_why(line: CommandLine, receiver: Receiver) -> None:
    id_ = add(line, receiver)
    receiver.answers = [403]
    result = line.run("webhook", "test", id_)
    assert result.exit_code == 1
    assert "Refused (webhook_test_failed): The test did not arrive: the answer had the status 403" in result.stderr


def test_a_server_that_is_killed_in_the_midst_of_a_delivery_delivers_it_again(
    ready: CommandLine, receiver: Receiver
) -> None:
    """Killed after the receiver had it and before it was written down; then a server with two workers."""
    id_ = add(ready, receiver, "--events", "user.added")
    ready.do("user", "add", "Ann")
    receiver.answers = ["hang"]
    with serving(ready.environment, "serve", "--workers", "1") as server:
        wait(receiver, 1)
        kill(server)
    ready.world.sql("UPDATE receivers SET leased_at = 0 WHERE receiver_id = ?", id_)  # a minute later
    with serving(ready.environment, "serve", "--workers", "2") as server:
        wait(receiver, 2)
        server.until("ready")
        assert server.stop() == 0
    first, again = receiver.deliveries
    assert first.id == again.id
    assert first.body == again.body
    assert ready.json("webhook", "list")["webhooks"][0]["waiting"] == 0


def kill(server: Server) -> None:
    workers = server.workers()
    server.stop(signal.SIGKILL)
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def wait(receiver: Receiver, number: int) -> None:
    """Until so many deliveries came."""
    patience = threading.Event()
    for _ in range(PATIENCE * 50):
        if len(receiver.deliveries) >= number:
            return
        patience.wait(0.02)
    pytest.fail("nothing came")
