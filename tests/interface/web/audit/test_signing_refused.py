"""While nothing is signed, every Audit screen says so, and what to do."""

from __future__ import annotations

import pytest

from tests.interface.web.house import House, Visitor, text_of

SCREENS = (
    "/audit/overview",
    "/audit/history",
    "/audit/license",
    "/audit/license?position=2",
    "/audit/users?position=2",
)


@pytest.fixture
def vera(house: House) -> Visitor:
    house.add_auditor("vera")
    return house.visitor("vera")


@pytest.mark.parametrize("name", ["vera", "admin"])
def test_a_log_that_the_signer_does_not_know_is_an_alarm_until_it_is_accepted(
    house: House, vera: Visitor, name: str
) -> None:
    kept = house.checkpoint()
    size = house.size()
    house.add_user("lost")
    house.checkpoint()
    assert house.view.in_use == 2, "the server knows the event"
    with house.attacker() as attacker:
        attacker.execute("DELETE FROM stored_events WHERE originator_version > ?", (size,))
        attacker.execute("DELETE FROM merkle_leaves WHERE position > ?", (size,))
        attacker.execute("DELETE FROM checkpoints WHERE size > ?", (size,))
    visitor = house.visitor(name)
    said = f"Alarm. No checkpoint is signed any more: the log has {size} events, but {size + 1} were signed"
    for screen in SCREENS:
        read = text_of(visitor.get(screen))
        assert read.count(said) == 1, screen
        assert "“seatledger audit accept-restore --checkpoint FILE”" in read
    assert "No alarm" not in text_of(visitor.get("/audit/overview"))
    for screen in ("/license", "/users", "/own-password"):
        assert text_of(visitor.get(screen)).count(said.removeprefix("Alarm. ")) == 1, screen
    refused = vera.post("/audit/overview/checkpoint")
    assert refused.status_code == 409
    assert "log_contradicted" in refused.text
    downloaded = vera.get("/audit/overview/checkpoint").text
    assert downloaded == kept, "where nobody kept one, this one can be accepted"
    loss = house.audit.loss(house.id, [downloaded])
    house.do("accept_restore", loss)
    house.audit.take_checkpoint(house.id, accepted=loss)
    read = text_of(visitor.get("/audit/overview"))
    assert "No checkpoint is signed any more" not in read
    assert "an auditor accepted it" in read
    assert "No checkpoint is signed any more" not in text_of(visitor.get("/license"))


def test_a_memory_that_cannot_be_read_is_an_alarm_too(house: House, vera: Visitor) -> None:
    house.checkpoint()
    house.audit.memory_path.write_text("nonsense")
    for screen in SCREENS:
        assert "Alarm. No checkpoint is signed, since what was signed last is not known:" in text_of(vera.get(screen))
    assert vera.post("/audit/overview/checkpoint").status_code == 503


def test_a_memory_that_is_missing_stands_on_the_overview_alone(house: House, vera: Visitor) -> None:
    house.checkpoint()
    house.audit.memory_path.unlink()
    assert "The signer does not remember what it signed" in text_of(vera.get("/audit/overview"))
    assert "Alarm." not in text_of(vera.get("/audit/history"))
    vera.post("/audit/overview/checkpoint")
    assert "The signer does not remember" not in text_of(vera.get("/audit/overview"))
