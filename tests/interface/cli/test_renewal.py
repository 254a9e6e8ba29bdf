"""The renewal file, from the customer's terminal to the vendor's and back as a license key, over the years."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from application.proof.notes import sign_note
from application.renewal.request import RenewalRequestUnfit, read_request
from tests.database import rows_of
from tests.examples import KEYRING, PRODUCT
from tests.interface.cli.conftest import CommandLine

pytestmark = pytest.mark.seldom_on_postgresql("a renewal file reads the log by what test_consistency and views test")

TERMS = ("--edition", "E", "--licenses", 5)


class Desk:
    """A vendor with a signing key, and a customer's installation whose log key the vendor was sent once."""

    def __init__(self, line: CommandLine, directory: Path) -> None:
        self.line, self.directory = line, directory
        line.do("vendor", "new-key", directory / "vendor", "--kid", "v1")
        line.environment["SEATLEDGER_KEYRING"] = str(directory / "vendor" / "keyring.json")
        line.do("audit", "checkpoint")
        self.log_key = directory / "customers-log-key.vkey"
        self.log_key.write_text(line.world.vkey + "\n")
        line.world.close()  # a backup is restored where nobody has the database open

    def request(self, name: str) -> Path:
        self.line.do("license", "request", self.directory / name)
        return self.directory / name

    def inspection(self, file: Path, *options: object) -> tuple[int, dict[str, Any]]:
        """The exit status, and the report."""
        result = self.line.run("vendor", "inspect-request", file, "--json", *(options or ("--log-key", self.log_key)))
        return result.exit_code, json.loads(result.stdout)

    def outcomes(self, file: Path) -> dict[str, str]:
        return {each["check"]: each["outcome"] for each in self.inspection(file)[1]["checks"]}

    def issue(self, *options: object) -> Any:
        key = self.directory / "vendor" / "signing-key.pem"
        moment = self.line.world.clock().isoformat()
        words = ("--signing-key", key, "--kid", "v1", *TERMS, "--issued-at", moment, *options)
        return self.line.run("vendor", "issue", *words)

    def register(self, *options: object) -> str:
        issued = self.issue(*options)
        assert issued.exit_code == 0, issued.output
        self.line.do("license", "register", issued.stdout.strip(), "--yes")
        return str(issued.stdout.strip())

    def forged(self, name: str, file: Path, change: Callable[[dict[str, Any]], object]) -> Path:
        """What whoever holds the log key can sign: the request with something else in it."""
        members = json.loads(file.read_text().rpartition("\n\n")[0])
        change(members)
        text = json.dumps(members, ensure_ascii=False, indent=1) + "\n"
        world = self.line.world
        path = self.directory / name
        path.write_text(sign_note(text, f"seatledger/{world.id}", world.log_key))
        return path


def year(first: int) -> tuple[str, ...]:
    return ("--license-start", f"{first}-04-01", "--license-end", f"{first + 1}-03-31")


FIRST_ORDER = ("--customer", "Example Ltd", "--product", PRODUCT, "--any-installation")


@pytest.fixture
def desk(ready: CommandLine, tmp_path: Path) -> Desk:
    return Desk(ready, tmp_path)


@pytest.fixture
def lived(desk: Desk) -> Desk:
    """A first license, three users of whom one was deleted, and ten weeks."""
    desk.register(*FIRST_ORDER, *year(2026))
    desk.line.do("user", "add", "alice", "bert", "cleo")
    desk.line.world.on("2026-05-10")
    desk.line.do("user", "delete", "bert")
    desk.line.world.on("2026-06-20")
    return desk


def test_it_says_in_use_at_each_months_end_and_the_highest_since_the_last_key(lived: Desk) -> None:
    status, report = lived.inspection(lived.request("r.txt"))
    assert status == 0
    assert report["month_ends"] == [{"day": "2026-04-30", "number": 4}, {"day": "2026-05-31", "number": 3}]
    assert (report["in_use"], report["highest_in_use"], report["since"]) == (3, 4, "2026-04-10")
    assert (report["customer"], report["product"], report["made_on"]) == ("Example Ltd", PRODUCT, "2026-06-20")


def test_the_highest_is_found_within_a_day_too(lived: Desk) -> None:
    lived.line.do("user", "add", "dora", "emil")
    lived.line.do("user", "delete", "dora", "emil")
    assert lived.inspection(lived.request("r.txt"))[1]["highest_in_use"] == 5


def test_it_names_nobody_and_only_its_owner_reads_it(lived: Desk) -> None:
    file = lived.request("r.txt")
    text = file.read_text()
    assert not any(name in text for name in ("alice", "bert", "cleo", "admin"))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_refused_and_kept(lived: Desk) -> None:
    file = lived.request("r.txt")
    before = file.read_text()
    refused = lived.line.run("license", "request", file)
    assert (refused.exit_code, file.read_text()) == (1, before)
    assert refused.stderr.startswith("Refused (file_exists): ")


def test_each_check_stands_in_a_line_for_people(lived: Desk) -> None:
    shown = lived.line.do("vendor", "inspect-request", lived.request("r.txt"), "--log-key", lived.log_key)
    assert "In use at the end of 2026-04-30  4\n" in shown
    assert "agrees: the log key that you gave has signed the file and its checkpoint." in shown
    assert "agrees: it is signed with your key “v1”, for this installation and product." in shown
    assert "Your last license key carries no checkpoint" in shown


def test_without_the_log_key_it_says_that_nobody_checked_who_made_it(lived: Desk) -> None:
    status, report = lived.inspection(lived.request("r.txt"), "--keyring", lived.directory / "vendor" / "keyring.json")
    assert status == 0
    assert report["checks"][0]["agrees"] is None
    assert report["checks"][0]["message"].startswith("NOT CHECKED")


def test_another_log_key_another_keyring_and_no_file_are_told_apart(lived: Desk, tmp_path: Path) -> None:
    file = lived.request("r.txt")
    other = tmp_path / "other.vkey"
    other.write_text("seatledger/x+7f8b1b9e+AQ==\n")
    for log_key, said in ((other, "other.vkey"), (tmp_path / "nowhere", "nowhere")):
        refused = lived.line.run("vendor", "inspect-request", file, "--log-key", log_key)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("Refused (renewal_request_unfit): ")
        assert said in refused.stderr
    (tmp_path / "ring.json").write_text(json.dumps(KEYRING.to_jwk_set()))
    status, report = lived.inspection(file, "--log-key", lived.log_key, "--keyring", tmp_path / "ring.json")
    assert status == 1
    assert {each["outcome"] for each in report["checks"]} >= {"unknown_signer"}


def test_a_number_that_was_changed_on_the_way_is_told_apart_from_a_broken_file(lived: Desk) -> None:
    file = lived.request("r.txt")
    file.write_text(file.read_text().replace('"highest": 4', '"highest": 3'))
    refused = lived.line.run("vendor", "inspect-request", file, "--log-key", lived.log_key)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "does not fit the text. It was altered; ask the customer for the file itself." in refused.stderr


def test_a_license_key_is_issued_on_it_and_carries_its_checkpoint(lived: Desk) -> None:
    file = lived.request("r.txt")
    issued = lived.issue("--request", file, "--log-key", lived.log_key, *year(2027))
    assert (issued.exit_code, "not checked" in issued.stderr) == (0, False)
    claims = lived.line.json("vendor", "inspect", issued.stdout.strip())["claims"]
    assert (claims["sub"], claims["product"], claims["aud"]) == ("Example Ltd", PRODUCT, str(lived.line.world.id))
    checkpoint = json.loads(file.read_text().rpartition("\n\n")[0])["checkpoint"].split("\n")
    assert (str(claims["x_log_size"]), claims["x_log_root"]) == (checkpoint[1], checkpoint[2])
    assert "was not checked" in lived.issue("--request", file, *year(2027)).stderr


def test_with_renew_the_ledger_gives_the_terms_and_the_file_the_installation(lived: Desk) -> None:
    file = lived.request("r.txt")
    issued = lived.issue("--request", file, "--log-key", lived.log_key, "--renew", "Example Ltd")
    claims = lived.line.json("vendor", "inspect", issued.stdout.strip())["claims"]
    assert claims["license_period"] == {"start": "2027-04-01", "end": "2028-03-31"}
    assert (claims["sub"], claims["aud"]) == ("Example Ltd", str(lived.line.world.id))
    assert "x_log_size" in claims


def test_with_renew_the_file_need_not_name_the_customer(desk: Desk) -> None:
    assert desk.issue(*FIRST_ORDER, *year(2026)).exit_code == 0, "issued, and not registered yet"
    file = desk.request("r.txt")
    issued = desk.issue("--request", file, "--renew", "Example Ltd")
    assert issued.exit_code == 0, issued.output
    assert desk.line.json("vendor", "inspect", issued.stdout.strip())["claims"]["sub"] == "Example Ltd"


def test_what_contradicts_the_file_is_wrong_usage(lived: Desk) -> None:
    file = lived.request("r.txt")
    for options in (("--any-installation",), ("--product", "other"), ("--anchor", file)):
        result = lived.issue("--request", file, *year(2027), *options)
        assert (result.exit_code, result.stdout) == (2, "")
    assert lived.issue(*year(2027)).exit_code == 2, "neither a customer nor a request"


def test_before_the_first_key_the_customer_must_be_named(desk: Desk) -> None:
    file = desk.request("r.txt")
    assert desk.outcomes(file)["last_license_key"] == "none"
    refused = desk.issue("--request", file, *year(2026))
    assert refused.exit_code == 1
    assert "it holds no license key that names the customer. Give --customer" in refused.stderr
    assert desk.issue("--request", file, "--customer", "Example Ltd", *year(2026)).exit_code == 0


def test_over_the_years_each_key_carries_on_where_the_last_one_ended(lived: Desk) -> None:
    for first in (2027, 2028, 2029):
        lived.line.world.on(f"{first}-03-20")
        file = lived.request(f"{first}.txt")
        assert lived.outcomes(file)["log"] == ("extends" if first > 2027 else "extends_first")
        assert lived.inspection(file)[0] == 0
        lived.register("--request", file, "--log-key", lived.log_key, *year(first))
        lived.line.do("user", "add", f"new-of-{first}")


def renewed_then_restored(lived: Desk) -> str:
    """A backup, a renewal on a later checkpoint, the backup restored and accepted; gives the renewal's key."""
    kept = lived.directory / "kept.txt"
    lived.line.do("audit", "checkpoint", kept)
    backup = lived.line.do("backup", lived.directory).strip() if not lived.line.is_served else ""
    put_back = rows_of(lived.line.world.settings) if lived.line.is_served else None
    lived.line.do("user", "add", "lost")
    key = lived.register("--request", lived.request("before.txt"), "--log-key", lived.log_key, *year(2027))
    put_back() if put_back else lived.line.do("restore", backup, "--yes")
    refused = lived.line.run("license", "request", lived.directory / "refused.txt")
    assert refused.stderr.startswith("Refused (log_contradicted): ")
    assert not (lived.directory / "refused.txt").exists()
    lived.line.do("audit", "accept-restore", "--checkpoint", kept, "--yes")
    return key


def test_a_restored_backup_is_named(lived: Desk) -> None:
    renewed_then_restored(lived)
    status, report = lived.inspection(lived.request("after.txt"))
    (note,) = [each["message"] for each in report["checks"] if each["check"] == "restored_backup"]
    assert note.startswith("on 2026-06-20 an auditor accepted that a backup was restored: of ")
    assert status == 0


def test_a_backup_from_before_the_checkpoint_in_the_key_does_not_agree(lived: Desk) -> None:
    key = renewed_then_restored(lived)
    lived.line.do("license", "register", key, "--yes")
    file = lived.request("after.txt")
    assert lived.outcomes(file)["log"] in ("not_extended", "shorter")
    assert lived.inspection(file)[0] == 1
    refused = lived.issue("--request", file, "--log-key", lived.log_key, *year(2028))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "something in it does not agree; “seatledger vendor inspect-request” says what." in refused.stderr


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], tuple[str, str]]] = {
    "a lower highest": (lambda of: of["in_use"].update(highest=1), ("in_use", "above_highest")),
    "a month left out": (lambda of: of["in_use"]["month_ends"].pop(), ("in_use", "months_missing")),
    "a later since": (lambda of: of["in_use"].update(since="2026-06-21"), ("in_use", "months_missing")),
    "more than licensed": (lambda of: of["in_use"].update(highest=9), ("in_use", "above_licenses")),
    "no proof": (lambda of: of.update(consistency_proof=None), ("log", "not_extended")),
    "another proof": (lambda of: of["consistency_proof"].reverse(), ("log", "bad_proof")),
    "no key": (lambda of: of.update(last_license_key=None), ("last_license_key", "only_in_force")),
    "nonsense as key": (lambda of: of.update(last_license_key="eyJ"), ("last_license_key", "unreadable")),
    "another product": (lambda of: of.update(product="other"), ("last_license_key", "of_another")),
    "an anchor that the key has not": (
        lambda of: of["earlier_checkpoint"].update({"from": "license_key"}),
        ("log", "other_anchor"),
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_the_log_keys_holder_signs_wrongly_is_found(lived: Desk, forgery: str) -> None:
    change, (check, outcome) = FORGERIES[forgery]
    file = lived.forged("forged.txt", lived.request("r.txt"), change)
    assert lived.outcomes(file)[check] == outcome


def test_the_example_of_the_page_is_read_and_agrees(line: CommandLine, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "renewal.md").read_text(encoding="utf-8")
    request, vkey = (block.partition("```")[0] for block in page.split("```text\n")[1:3])
    for name, content in (("request", request), ("vkey", vkey), ("ring", json.dumps(KEYRING.to_jwk_set()))):
        (tmp_path / name).write_text(content, encoding="utf-8")
    options = ("--log-key", tmp_path / "vkey", "--keyring", tmp_path / "ring", "--json")
    report = json.loads(line.do("vendor", "inspect-request", tmp_path / "request", *options))
    assert {each["check"]: each["outcome"] for each in report["checks"]} == {
        "signature": "good",
        "last_license_key": "good",
        "log": "extends_first",
        "in_use": "coherent",
    }
    assert (report["in_use"], report["highest_in_use"]) == (2, 3)


def mutations(content: bytes, number: int) -> Iterator[bytes]:
    """The file with a bit turned, a byte or a line taken out or doubled, cut off, or with something added."""
    chance = random.Random(11)  # noqa: S311  generated inputs, the same each time
    lines = content.splitlines(keepends=True)
    for turn in range(number):
        at, row = chance.randrange(len(content)), chance.randrange(len(lines))
        yield (
            content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :],
            content[:at] + content[at + 1 :],
            content[:at] + content[at : at + 1] + content[at:],
            content[:at],
            content + bytes([chance.randrange(256)]),
            b"".join(lines[:row] + lines[row + 1 :]),
            b"".join(lines[:row] + lines[row : row + 1] + lines[row:]),
            content[:at] + bytes([chance.randrange(256)]) + content[at:],
        )[turn % 8]


@pytest.mark.parametrize("number", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_no_mutated_file_is_accepted(lived: Desk, number: int) -> None:
    content, vkey = lived.request("r.txt").read_bytes(), lived.line.world.vkey
    read_request(content, [vkey])
    for mutated in mutations(content, number):
        if mutated == content:
            continue
        for vkeys in ([vkey], None):
            with pytest.raises(RenewalRequestUnfit):
                read_request(mutated, vkeys)


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text, str.strip])
def test_another_spelling_is_refused(lived: Desk, change: Callable[[str], str]) -> None:
    content = change(lived.request("r.txt").read_text()).encode()
    with pytest.raises(RenewalRequestUnfit):
        read_request(content, None)


def test_a_renewal_takes_its_terms_from_the_ledger_and_its_checkpoint_from_the_file(lived: Desk) -> None:
    key = lived.directory / "vendor" / "signing-key.pem"
    words = ("--signing-key", key, "--kid", "v1", "--renew", "Example Ltd", "--log-key", lived.log_key)
    issued = lived.line.run("vendor", "issue", *words, "--request", lived.request("r.txt"))
    assert issued.exit_code == 0, issued.stderr
    claims = lived.line.json("vendor", "inspect", issued.stdout.strip())["claims"]
    assert (claims["licenses"], claims["license_period"]) == (5, {"start": "2027-04-01", "end": "2028-03-31"})
    assert (claims["aud"], claims["sub"]) == (str(lived.line.world.id), "Example Ltd")
    assert claims["x_log_size"] > 0
