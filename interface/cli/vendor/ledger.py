"""The vendor's commands about the ledger: list, show and verify."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from application.issuing.ledger import Issued, Ledger, LedgerUnusable, read_ledger
from application.issuing.questions import ending, of_customer, of_name
from application.license_keys import Keyring, claims_of
from application.license_keys.signing_keys import KEYRING
from application.license_keys.strict_json import Json
from application.proof.verify_export import notes_in
from application.words.messages import message
from domain.license import License
from domain.refusals import Problem
from interface.cli.arguments import read_own
from interface.cli.output import Translated, aligned, echo_json, language, printable, say
from interface.cli.vendor.files import reading
from interface.cli.vendor.inspection import inspection_of, installation_of, lines_of, period_of, report_of

keys_directory = click.option(
    "--keys",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("keys"),
    show_default=True,
    help="The directory of the signing key, beside which the ledger stands.",
)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("list", cls=Translated)
@keys_directory
@click.option("--customer", help="Only this customer's.")
@click.option("--signed-by", metavar="KID", help="Only those that this signing key signed.")
@click.option(
    "--ends-within",
    type=click.IntRange(0, 36500),
    metavar="DAYS",
    help="Only those whose license or maintenance ends within so many days, and that nothing follows.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(directory: Path, customer: str | None, signed_by: str | None, ends_within: int | None, as_json: bool) -> None:
    """Show which license keys were issued to whom, in the order of issue.

    The ledger is verified first: if it was altered, that is said, nothing is shown, and the exit status is 1.
    """
    ledger = open_ledger(directory)
    entries = list(ledger.entries) if ledger else []
    if ends_within is not None:
        today = datetime.now(UTC).date()
        entries = ending(entries, today, today + timedelta(days=ends_within))
    if customer is not None:
        entries = of_customer(entries, customer)
    if signed_by is not None:
        entries = [entry for entry in entries if entry.key.signing_key_id == signed_by]
    if as_json:
        echo_json([_as_json(entry) for entry in entries])
    elif entries:
        click.echo(table(entry.key.license for entry in entries))
    else:
        say("No license key.", err=True)


@click.command(cls=Translated)
@click.argument("name", metavar="CUSTOMER|KEY-ID")
@keys_directory
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, directory: Path, as_json: bool) -> None:
    """Show all that was issued to a customer, or one license key, each with its text to send again.

    A license key's id may be cut off after its first eight characters.
    """
    ledger = open_ledger(directory)
    entries = of_name(ledger.entries if ledger else (), name)
    if as_json:
        echo_json([_as_json(entry) for entry in entries])
        return
    keyring = keyring_beside(directory)
    for entry in entries:
        lines = lines_of(report_of(inspection_of(entry.key.text, keyring)))
        click.echo("\n".join([*lines, "", entry.key.text, ""]))


@click.command(cls=Translated)
@keys_directory
@click.option(
    "--checkpoint",
    "checkpoints",
    type=_FILE,
    multiple=True,
    help="A copy of issued.checkpoint that was kept elsewhere; may be given many times.",
)
def verify(directory: Path, checkpoints: tuple[Path, ...]) -> None:
    """Verify the ledger: every line, every root, every signature, and checkpoints that were kept elsewhere.

    Only a checkpoint kept where nobody who can write here can write shows that the whole directory was not put back
    to an earlier state. If something was altered, the exit status is 1.
    """
    elsewhere = [note for path in checkpoints for note in _notes(path)]
    ledger = open_ledger(directory, elsewhere)
    if ledger is None:
        say("No license key was issued.", err=True)
        return
    if ledger.signature == "unknown_signing_key":
        raise LedgerUnusable(problem=Problem("ledger_signer_unknown", kid=ledger.signer))
    text = message("{count} license keys; the ledger is whole, signed by “{kid}”.")
    say(text, count=len(ledger.entries), kid=ledger.signer)


def open_ledger(directory: Path, others: Iterable[str] = ()) -> Ledger | None:
    """The ledger in a directory, with warnings of what makes it less certain. Raises LedgerAltered, LedgerUnusable."""
    ledger = read_ledger(directory, keyring_beside(directory), tuple(others))
    if ledger:
        warn_of(ledger)
    return ledger


def warn_of(ledger: Ledger) -> None:
    if ledger.signature == "unknown_signing_key":
        problem = Problem("ledger_signer_unknown", kid=ledger.signer)
        say("Warning: The ledger is NOT CHECKED: {problem}.", err=True, problem=problem)
    elif ledger.signature == "revoked_signing_key":
        say(
            "Warning: The ledger's newest checkpoint is signed by “{kid}”, which is revoked: whoever has that key "
            "could have written the ledger anew. The next license key that you issue with another one signs it again.",
            err=True,
            kid=ledger.signer,
        )
    if ledger.unfinished:
        say(
            "Warning: A write of the ledger broke off; the license keys of it were not printed. The next one that you "
            "issue takes its place.",
            err=True,
        )


def keyring_beside(directory: Path) -> Keyring | None:
    """The keyring beside the signing key, if there is one. Raises KeyringInvalid."""
    path = directory / KEYRING
    return Keyring.from_file(path) if path.exists() else None


def table(licenses: Iterable[License]) -> str:
    """Licenses in columns, by their ids."""
    names = (
        message("Key id"),
        message("Customer"),
        message("Product"),
        message("Edition"),
        message("Licenses"),
        message("License period"),
        message("Maintenance period"),
        message("Installation"),
    )
    rows = [list(map(printable, _cells(each))) for each in licenses]
    header = [language().say(name) for name in names]
    return aligned(rows, header)


def _cells(of: License) -> tuple[str, ...]:
    claims = claims_of(of)
    periods = (period_of(claims["license_period"]), period_of(claims["maintenance_period"]))
    return (of.key_id, of.customer, of.product, of.edition, str(of.licenses), *periods, installation_of(of.audience))


def _as_json(entry: Issued) -> dict[str, Json]:
    return {
        "position": entry.position,
        "signing_key_id": entry.key.signing_key_id,
        "fingerprint": entry.key.fingerprint,
        "claims": claims_of(entry.key.license),
        "license_key": entry.key.text,
    }


def _notes(path: Path) -> list[str]:
    """The checkpoints in a file: the ledger's own line, or notes as an auditor keeps them."""
    with reading(path, LedgerUnusable):
        data = read_own(path)
        try:
            return [str(json.loads(data)["checkpoint"])]
        except (ValueError, TypeError, KeyError):
            return list(notes_in(data))
