"""An administrator who is signed in."""

from __future__ import annotations

import pytest

from tests.interface.web.house import ADMINISTRATOR, House, Visitor


@pytest.fixture
def administrator(house: House) -> Visitor:
    return house.visitor(ADMINISTRATOR)
