"""The sign-ins command: the security log at a terminal."""

from __future__ import annotations

import pyotp

from domain.refusals import Refused
from interface.cli.database import by_os_user
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.cli.conftest import CommandLine


def sign_in(line: CommandLine, name: str, password: str) -> None:
    with line.opened() as seatledger:
        seatledger.accounts.sign_in(seatledger.installation_id, name, password, source="192.0.2.1")


def test_who_signed_in_and_what_was_done_to_accounts_newest_first(line: CommandLine) -> None:
    sign_in(line, ADMINISTRATOR, PASSWORD)
    shown = line.do("sign-ins")
    assert "MOMENT" in shown.splitlines()[0]
    assert "2026-04-10 09:00:00Z  192.0.2.1  “admin” signed in" in shown
    assert "set the password of “admin”" in shown
    listed = line.json("sign-ins", "--limit", 1)["sign_ins"]
    assert [(each["outcome"], each["address"]) for each in listed] == [("signed_in", "192.0.2.1")]


def test_of_one_account_and_an_unknown_name_is_refused(line: CommandLine) -> None:
    line.do("auditor", "add", "vera")
    sign_in(line, ADMINISTRATOR, PASSWORD)
    assert "signed in" not in line.do("sign-ins", "--name", "vera")
    assert "signed in" in line.do("sign-ins", "--name", "ADMIN")
    refused = line.run("sign-ins", "--name", "nobody")
    assert (refused.exit_code, "Refused (unknown_account)" in refused.stderr) == (1, True)


def test_a_password_set_on_the_machine_opens_the_door_under_attack(line: CommandLine) -> None:
    """S-3: strangers guess the name from the proxy's one address all the time."""
    with line.opened() as seatledger:
        for _ in range(30):
            try:
                id_ = seatledger.installation_id
                seatledger.accounts.sign_in(id_, ADMINISTRATOR, "a wrong guess", source="127.0.0.1")
            except Refused:
                continue
    new = "quiet lemon harbor nine"
    line.do("password", ADMINISTRATOR, "--password-stdin", stdin=f"{new}\n")
    for _ in range(5):
        sign_in(line, ADMINISTRATOR, new)


def test_p5_who_turned_a_second_factor_off_on_the_machine_stands_in_the_history_alone(line: CommandLine) -> None:
    with line.opened() as seatledger:
        account = seatledger.accounts.account(seatledger.installation_id, ADMINISTRATOR)
        secret = seatledger.accounts.begin_second_factor(account, issuer="Example").secret
        code = pyotp.TOTP(secret).at(line.world.clock.now)
        seatledger.accounts.confirm_second_factor(account, code, source="192.0.2.1")
    new = "quiet lemon harbor nine"
    line.do("password", ADMINISTRATOR, "--password-stdin", "--forget-second-factor", stdin=f"{new}\n")
    newest = line.json("sign-ins")["sign_ins"][0]
    assert (newest["outcome"], newest["address"]) == ("second_factor_off", "machine")
    operator = by_os_user().removeprefix("cli:")
    assert f"{operator} (command line) set the password of “{ADMINISTRATOR}”" in line.do("history").splitlines()[-1]
    beside = line.world.sql("SELECT * FROM sign_ins")
    assert len(beside) >= 2
    assert not any(operator in str(row) for row in beside)
