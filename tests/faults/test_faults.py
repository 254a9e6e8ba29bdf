"""Faults while clients write (TRUST.md, C1 to C7): nothing acknowledged is lost, nothing is stored twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.faults import BOTH, FAULTS, SERVER, Fault
from tests.faults.judge import Verdict
from tests.faults.site import Site, a_site
from tests.faults.stores import STORES, FileStore
from tests.faults.table import header, row

LONGEST_WAIT = 6
"""Seconds that anybody may wait for an answer; a limit of the long runs."""


@pytest.fixture(scope="module", params=BOTH)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two servers on a database."""
    directory = tmp_path_factory.mktemp("site")
    with STORES[request.param](directory) as store, a_site(directory, store, servers=2) as site:
        yield site


def ask_sound(verdict: Verdict) -> None:
    assert verdict.acknowledged > 0
    assert (verdict.lost, verdict.doubled, verdict.stored_though_refused) == ([], [], [])


ON_BOTH = [pytest.param(fault, id=fault.name) for fault in FAULTS if fault.databases == BOTH]
ON_A_SERVER = [pytest.param(fault, id=fault.name) for fault in FAULTS if fault.databases == SERVER]


def ask_once(site: Site, fault: Fault) -> None:
    ask_sound(fault.once(site).verdict)


def ask_long(site: Site, fault: Fault, capsys: pytest.CaptureFixture[str]) -> None:
    times, took, verdict = fault.long(site)
    with capsys.disabled():
        database = "sqlite" if isinstance(site.store, FileStore) else "postgresql"
        print(f"\n{header()}\n{row(fault.name, database, times, took, verdict)}")
    ask_sound(verdict)
    assert verdict.longest_wait < LONGEST_WAIT
    assert max(took, default=0) < fault.well_within


@pytest.mark.parametrize("fault", ON_BOTH)
def test_on_both_databases_nothing_is_lost_or_stored_twice(site: Site, fault: Fault) -> None:
    ask_once(site, fault)


@pytest.mark.parametrize("site", SERVER, indirect=True)
@pytest.mark.parametrize("fault", ON_A_SERVER)
def test_on_a_server_nothing_is_lost_or_stored_twice(site: Site, fault: Fault) -> None:
    ask_once(site, fault)


@pytest.mark.long
@pytest.mark.parametrize("fault", ON_BOTH)
def test_on_both_databases_many_times_and_for_long(
    site: Site, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_long(site, fault, capsys)


@pytest.mark.long
@pytest.mark.parametrize("site", SERVER, indirect=True)
@pytest.mark.parametrize("fault", ON_A_SERVER)
def test_on_a_server_many_times_and_for_long(site: Site, fault: Fault, capsys: pytest.CaptureFixture[str]) -> None:
    ask_long(site, fault, capsys)
