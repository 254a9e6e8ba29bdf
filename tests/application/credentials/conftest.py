"""A real database for every test, a clock to set by hand, and hashes that cost next to nothing.

The library's parameters take a tenth of a second and 64 MiB for each hash, which shows nothing that cheap ones do not;
`test_passwords.py` uses the real ones where the parameters themselves matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2.profiles import CHEAPEST
from sqlalchemy import Engine

from application.credentials import Credentials, PasswordHashing, SignInThrottle
from application.credentials.tables import create_tables
from application.erased_names import Pepper
from interface.settings import Settings
from tests.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 10, 1, 9, 0, tzinfo=UTC))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = settings.log.tables()
    if settings.log.path is not None:  # a server's database was prepared (tests/postgres.py)
        create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def other_engine(settings: Settings) -> Iterator[Engine]:
    """As another process would open it: no connection shared."""
    other = settings.log.tables()
    yield other
    other.dispose()


@pytest.fixture
def credentials(engine: Engine, clock: SetClock) -> Credentials:
    return Credentials(engine, clock, PasswordHashing(CHEAPEST))


@pytest.fixture
def pepper(tmp_path: Path) -> Pepper:
    return Pepper(tmp_path / "name-pepper")


@pytest.fixture
def throttle(engine: Engine, clock: SetClock, pepper: Pepper) -> SignInThrottle:
    return SignInThrottle(engine, clock, pepper.mac)
