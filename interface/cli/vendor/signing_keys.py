"""The vendor's commands about signing keys: new-key and revoke-key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from application.issuing.ledger import read_ledger
from application.issuing.questions import to_issue_again
from application.license_keys.signing_keys import new_signing_key, published_key, revoke_signing_key
from application.words.messages import message
from application.words.refusals import sentence
from domain.refusals import Refused
from interface.cli.output import Translated, is_sure, language, say
from interface.cli.standard_input import first_line
from interface.cli.vendor.ledger import keyring_beside, table

passphrase_stdin = click.option(
    "--passphrase-stdin", is_flag=True, help="The passphrase is standard input's first line."
)

_DIRECTORY = click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@click.command("new-key", cls=Translated)
@_DIRECTORY
@click.option("--kid", required=True, help="The name by which license keys call the signing key, such as acme-2026.")
@click.option("--issuer", help="The vendor's name, shown with each license. Without it, the kid is shown.")
@passphrase_stdin
def new_key(directory: Path, kid: str, issuer: str | None, passphrase_stdin: bool) -> None:
    """Make a signing key.

    Writes the secret DIR/signing-key.pem, which is never overwritten, and adds the public key to DIR/keyring.json,
    which goes into the product.
    """
    passphrase = first_line() if passphrase_stdin else None
    for path in new_signing_key(directory, kid, issuer=issuer, passphrase=passphrase):
        click.echo(path)


@click.command("revoke-key", cls=Translated)
@_DIRECTORY
@click.option("--kid", required=True, help="The name of the signing key in DIR/keyring.json.")
@click.option("--yes", is_flag=True, help="Revoke it without asking.")
def revoke_key(directory: Path, kid: str, yes: bool) -> None:
    """Revoke a signing key in DIR/keyring.json, and print that file's path.

    Installations that get this keyring refuse every license key that was signed with it, from then on. Licenses that
    are registered stay in force. No other key is touched, and neither is signing-key.pem.
    """
    if published_key(directory, kid).revoked:
        say("“{kid}” is revoked already; nothing was changed.", err=True, kid=kid)
        _show_what_to_issue_again(directory, kid)
        return
    say(
        "Installations that get this keyring refuse every license key that was signed with “{kid}”, from then on. "
        "Licenses that are registered stay in force, and license keys signed with other keys stay good.",
        err=True,
        kid=kid,
    )
    if not yes and not is_sure(language().say("Revoke “{kid}”?", kid=kid)):
        say("Nothing was changed. Give --yes, or answer y, to revoke it.", err=True)
        raise click.exceptions.Exit(1)
    path, keyring = revoke_signing_key(directory, kid)
    click.echo(path)
    say(
        "“{kid}” is revoked. Ship this keyring with the product, and issue new license keys, with another signing key, "
        "to customers who have not registered theirs yet.",
        err=True,
        kid=kid,
    )
    _show_what_to_issue_again(directory, kid)
    if all(key.revoked for key in keyring):
        say(
            "Warning: no active key is left in it: installations with this keyring can register no license key at all. "
            "Make another signing key with “seatledger vendor new-key” before you ship it.",
            err=True,
        )


def _show_what_to_issue_again(directory: Path, kid: str) -> None:
    """Which license keys of the ledger have to be issued anew, unless their customers registered them before."""
    try:
        ledger = read_ledger(directory, keyring_beside(directory))
    except Refused as refused:
        text = message("Warning: Which license keys have to be issued anew cannot be told. {sentence}")
        say(text, err=True, sentence=sentence(refused, language()))
        return
    entries = to_issue_again(ledger.entries if ledger else (), kid, datetime.now(UTC).date())
    if entries:
        text = message("License keys of “{kid}” to issue anew, unless the customer has registered them: {count}.")
        say(text, err=True, kid=kid, count=len(entries))
        click.echo(table(entry.key.license for entry in entries), err=True)
