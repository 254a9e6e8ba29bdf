"""The clock of a database's server is asked, and compared with this machine's."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from interface.composition import compose
from tests.world import World


@pytest.mark.parametrize(("off", "codes"), [(0, []), (5, ["clocks_apart"]), (-600, ["clocks_apart", "clock_behind"])])
def test_a_clock_that_is_minutes_off_the_servers_is_told(served: World, off: int, codes: list[str]) -> None:
    """Both run on this machine here: the difference is what the program's own clock is set off by."""
    served.clock.set(datetime.now(UTC))
    served.add(f"somebody-{served.view.position}")

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=off)

    with closing(compose(served.settings, clock=clock)) as seatledger:
        findings = [each.code for each in seatledger.self_checks.findings(served.id) if each.about == "clock"]
    assert findings == codes
