"""The vendor's command inspect-request, and how a renewal file is read from disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from application.license_keys import Keyring
from application.proof.anchor import Anchor
from application.proof.verify_export import read_vkey, vkeys_in
from application.renewal.judgement import Judgement, judge
from application.renewal.request import MAX_REQUEST, RenewalRequestUnfit, read_request
from application.words.messages import message
from application.words.renewal import NAMES, of_check
from domain.refusals import Problem
from interface.cli.arguments import read_own
from interface.cli.output import Translated, aligned, echo_json, language, printable, warn_of_passed_over
from interface.cli.vendor.files import reading
from interface.cli.vendor.ledger import keyring_beside

AGREES = {True: message("agrees"), False: message("DOES NOT AGREE"), None: message("note")}
"""How a check turned out, in a word."""

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("inspect-request", cls=Translated)
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--log-key", type=_FILE, help="The log's public key (vkey), as the customer sent it before.")
@click.option("--keyring", type=_FILE, envvar="SEATLEDGER_KEYRING", show_envvar=True, help="The vendor's public keys.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def inspect_request(
    context: click.Context, file: Path, log_key: Path | None, keyring: Path | None, as_json: bool
) -> None:
    """Judge a renewal file: work out anew what it says, and say what agrees and what does not.

    The exit status is 1 if anything does not agree. docs/renewal.md says what each check shows, and what none can show.
    """
    judgement = judgement_of(file, log_key, warn_of_passed_over(Keyring.from_file(keyring)) if keyring else None)
    if as_json:
        echo_json(_report(judgement))
    else:
        click.echo(aligned(_lines(judgement)))
    context.exit(0 if judgement.agrees else 1)


def judgement_of(file: Path, log_key: Path | None, keyring: Keyring | None) -> Judgement:
    """The vendor's judgement of the renewal file on disk. Raises RenewalRequestUnfit."""
    with reading(file, RenewalRequestUnfit):
        content = read_own(file, MAX_REQUEST)
    vkeys: Sequence[str] | None = None
    if log_key:
        with reading(log_key, RenewalRequestUnfit):
            vkeys = vkeys_in(read_own(log_key))
    return judge(read_request(content, vkeys), keyring, is_log_key_given=vkeys is not None)


class Order(NamedTuple):
    """What a renewal file fills into a license key; `customer` as the last license key says, if there is one."""

    installation: str
    product: str
    customer: str | None
    claims: dict[str, str | int]


def order_of(file: Path, log_key: Path | None, signing_key: Path) -> Order:
    """What the renewal file asks for, judged with the keyring beside the signing key. Raises RenewalRequestUnfit."""
    judgement = judgement_of(file, log_key, keyring_beside(signing_key.parent))
    if not judgement.agrees:
        raise RenewalRequestUnfit(problem=Problem("request_disagrees"))
    request = judgement.request
    checkpoint = request.signed_checkpoint([read_vkey(request.log_key)])
    customer = judgement.key.license.customer if judgement.key else None
    return Order(str(request.installation_id), request.product, customer, Anchor.claims(checkpoint))


def _report(judgement: Judgement) -> dict[str, object]:  # object: JSON
    request = judgement.request
    return {
        "agrees": judgement.agrees,
        "installation": str(request.installation_id),
        "product": request.product,
        "customer": judgement.key.license.customer if judgement.key else None,
        "made_on": request.made_on.isoformat(),
        "in_use": request.in_use,
        "highest_in_use": request.highest,
        "since": request.since.isoformat(),
        "month_ends": [{"day": each.day.isoformat(), "number": each.number} for each in request.month_ends],
        "checks": [
            {
                "check": check.name,
                "outcome": check.outcome,
                "agrees": check.agrees,
                "message": of_check(check, language()),
            }
            for check in judgement.checks
        ],
    }


def _lines(judgement: Judgement) -> Iterator[tuple[str, str]]:
    say, request = language().say, judgement.request
    yield say("Installation"), str(request.installation_id)
    yield say("Product"), printable(request.product)
    if judgement.key:
        yield say("Customer"), judgement.key.license.customer
    yield say("Made on"), request.made_on.isoformat()
    for each in request.month_ends:
        yield say("In use at the end of {day}", day=each.day), language().number(each.number)
    for check in judgement.checks:
        word = say(AGREES[check.agrees])
        yield say(NAMES[check.name]), say("{word}: {sentence}", word=word, sentence=of_check(check, language()))
