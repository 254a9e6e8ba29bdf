"""An installation whose webhooks may go to this machine, and a receiver there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from application.webhooks import Deliveries, Failure, Webhook
from interface.settings import Settings
from tests.database import settings_in
from tests.receiver import Receiver, certificate, receiving
from tests.world import World

HERE = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with receiving(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = Settings(
        keyring=tmp_path / "keyring.json",
        trusted_hosts=("seatledger.example",),
        webhook_networks=HERE,
        **settings_in(tmp_path),
    )
    with World(tmp_path, settings=settings) as world:
        yield world


def subscribe(world: World, receiver: Receiver, *types: str, signature: str = "v1a") -> Webhook:
    """A webhook to that receiver that gets what comes from now on."""
    position = world.licensing.now(world.id).position
    return world.seatledger.webhooks.add(receiver.url, types, position, signature=signature).webhook


def deliver(world: World, **options: object) -> list[Failure]:
    """What a server's timer does at one look; gives what failed. Pauses are as long as they are on average."""
    seatledger, failures = world.seatledger, list[Failure]()
    options = {"jitter": lambda: 1.0, **options}
    deliveries = Deliveries(
        seatledger.licensing,
        seatledger.webhooks,
        seatledger._guard,
        world.clock,
        **options,  # type: ignore[arg-type]
    )
    deliveries.deliver(world.id, tell=failures.append)
    return failures
