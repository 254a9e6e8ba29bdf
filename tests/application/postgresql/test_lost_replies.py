"""A server that goes away in the midst of a commit of the tables beside the log: nobody knows what it has stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from application.log.failures import OutcomeUnknown
from tests import postgres
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.refused import refused

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def cut_off(served: World, place: str) -> None:
    """The connection of the next commit is cut just before it."""
    served.give_password(ADMINISTRATOR)

    def cut(connection: Any) -> None:  # Any: SQLAlchemy's, with the driver's own inside
        pid = connection.connection.dbapi_connection.info.backend_pid
        with postgres.connected(place) as session:
            session.execute("SELECT pg_terminate_backend(?)", [pid])

    event.listen(served.seatledger.engine, "commit", cut, once=True)


@pytest.mark.usefixtures("cut_off")
def test_it_is_said_to_be_unknown_and_done_when_it_is_done_again(served: World) -> None:
    account = served.accounts.account(served.id, ADMINISTRATOR)
    with refused(OutcomeUnknown, "not known whether this was stored.*twice does no harm"):
        served.accounts.begin_second_factor(account, issuer="Seatledger")
    assert served.accounts.begin_second_factor(account, issuer="Seatledger")


def test_what_is_done_together_is_committed_together(served: World) -> None:
    """A password, and the end of the sessions that were opened with the one before."""

    def fail(_: object) -> None:
        raise KeyboardInterrupt

    event.listen(served.seatledger.engine, "commit", fail, once=True)
    with pytest.raises(KeyboardInterrupt):
        served.seatledger.credentials.set_password("somebody", 1, PASSWORD)
    assert served.sql("SELECT count(*) FROM passwords WHERE account_id = 'somebody'") == [(0,)]
