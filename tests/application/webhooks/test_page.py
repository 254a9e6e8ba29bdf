"""docs/webhooks.md holds: its receiver verifies what we send and nothing else, and it names every type."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from application.webhooks import DELIVERED
from tests.application.webhooks.conftest import deliver
from tests.receiver import Receiver
from tests.world import World

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def documented() -> Callable[..., bool]:
    """What the page tells a receiver to do."""
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(compile(code[1], "docs/webhooks.md", "exec"), names)  # noqa: S102  the page's own code
    verify: Callable[..., bool] = names["is_from_seatledger"]
    return verify


def test_the_receiver_of_the_page_believes_us_and_nobody_else(house: World, receiver: Receiver) -> None:
    verify, position = documented(), house.licensing.now(house.id).position
    key = house.seatledger.webhooks.add(receiver.url, ["user.added"], position).key
    other = house.seatledger.webhooks.add(receiver.url, ["user.renamed"], position).key
    house.add("Ann")
    deliver(house)
    (delivery,) = receiver.deliveries
    headers, body, now = delivery.headers, delivery.body, house.clock().timestamp
    assert verify(headers, body, key, now)
    assert verify({**headers, "webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}, body, key, now)
    assert not verify(headers, body, other, now)
    assert not verify(headers, body.replace(b"UserAdded", b"UserErased"), key, now)
    assert not verify({**headers, "webhook-id": "evt_0"}, body, key, now)
    assert not verify(headers, body, key, lambda: now() + 301)
    assert not verify({**headers, "webhook-signature": "v1a,AAAA"}, body, key, now)
    assert not verify({**headers, "webhook-signature": ""}, body, key, now)
    assert not verify({}, body, key, now)


@pytest.mark.parametrize("type_", [*DELIVERED, "seatledger.test"])
def test_every_type_stands_on_the_page(type_: str) -> None:
    assert f"`{type_}`" in PAGE
