"""An administrator who is signed in."""

from __future__ import annotations

import pytest

from tests.examples import ADMINISTRATOR
from tests.interface.web.house import House, Visitor


@pytest.fixture
def administrator(house: House) -> Visitor:
    return house.visitor(ADMINISTRATOR)
