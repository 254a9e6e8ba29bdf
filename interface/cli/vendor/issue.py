"""The vendor's command issue: sign a license key, and warn of what is probably a mistake."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import click

from application.license_keys import Keyring, VerificationKey
from application.license_keys.doubts import doubts
from application.license_keys.signing import sign
from application.license_keys.signing_keys import SigningKeyUnusable, load_signing_key
from application.proof.anchor import Anchor, AnchorUnusable, checkpoint_to_anchor
from application.proof.verify_export import Unreadable, notes_in, vkeys_in
from application.renewal.request import RenewalRequestUnfit
from application.words.messages import message
from domain.license import License, Period
from domain.refusals import Problem
from interface.cli.arguments import day, installation, moment, read_own
from interface.cli.output import Translated, language, say
from interface.cli.standard_input import first_line
from interface.cli.vendor.requests import order_of
from interface.cli.vendor.signing_keys import passphrase_stdin

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Translated)
@click.option("--signing-key", "path", required=True, type=_FILE, help="The PEM that new-key wrote.")
@click.option("--kid", required=True, help="The signing key's name in the keyring.")
@click.option("--customer", help="The customer or contract.")
@click.option("--product", help="The product's name, as installations were opened with.")
@click.option("--edition", required=True)
@click.option("--licenses", required=True, type=int, help="How many users may use the product.")
@click.option("--license-start", required=True, type=day)
@click.option("--license-end", type=day, help="The last day; without it the license is perpetual.")
@click.option("--maintenance-start", type=day)
@click.option("--maintenance-end", type=day, help="Without both dates there is no maintenance.")
@click.option("--optional-product", "optional_products", multiple=True, help="Once for each optional product.")
@click.option(
    "--installation",
    "audience",
    type=installation,
    help="The UUID of the one installation that may register it, as its License screen shows it.",
)
@click.option("--any-installation", is_flag=True, help="Every installation of the product may register it.")
@click.option(
    "--anchor", type=_FILE, help="A checkpoint of the installation's history; the license key then carries it along."
)
@click.option("--log-key", type=_FILE, help="The log's public key (vkey), to check who signed the checkpoint.")
@click.option(
    "--request",
    type=_FILE,
    help="The customer's renewal file: gives customer, product, installation and checkpoint.",
)
@click.option("--issued-at", type=moment, help="RFC 3339; now, if left out.")
@click.option("--issuer", help="The vendor's name; if left out, the one in the keyring beside the signing key.")
@passphrase_stdin
def issue(
    path: Path,
    kid: str,
    customer: str | None,
    product: str | None,
    edition: str,
    licenses: int,
    license_start: date,
    license_end: date | None,
    maintenance_start: date | None,
    maintenance_end: date | None,
    optional_products: tuple[str, ...],
    audience: str | None,
    any_installation: bool,
    anchor: Path | None,
    log_key: Path | None,
    request: Path | None,
    issued_at: datetime | None,
    issuer: str | None,
    passphrase_stdin: bool,
) -> None:
    """Sign a license key and print it, and nothing else, on standard output.

    Signs whatever a license key can say, and warns on standard error of what is probably a mistake. Without
    --installation and --any-installation it fits any installation, and warns of that. With --request it is for the
    installation of the renewal file; one in which something does not agree is refused.
    """
    if (maintenance_start is None) != (maintenance_end is None):
        raise click.UsageError(language().say("Give both --maintenance-start and --maintenance-end, or neither."))
    if any_installation:
        if audience not in (None, "*"):
            raise click.UsageError(language().say("Give either --installation or --any-installation, not both."))
        audience = "*"
    claims: dict[str, str | int] = {}
    if request is not None:
        if anchor is not None:
            raise click.UsageError(language().say("Give either --anchor or --request, not both."))
        asked_for = order_of(request, log_key, path)
        if audience not in (None, asked_for.installation) or product not in (None, asked_for.product):
            text = message("The renewal file is of the installation {installation} and the product {product} alone.")
            raise click.UsageError(language().say(text, installation=asked_for.installation, product=asked_for.product))
        audience, product, claims = asked_for.installation, asked_for.product, asked_for.claims
        customer = customer or asked_for.customer
        if customer is None:
            raise RenewalRequestUnfit(problem=Problem("request_without_key"))
    elif anchor is not None:
        anchored, claims = _anchor(anchor, log_key)
        if audience not in (None, anchored):
            text = message(
                "The checkpoint is of the installation {installation}, and a license key that carries it is for that "
                "one alone."
            )
            raise click.UsageError(language().say(text, installation=anchored))
        audience = anchored
    elif log_key is not None:
        raise click.UsageError(language().say("--log-key checks the checkpoint of --anchor or --request."))
    if customer is None or product is None:
        raise click.UsageError(language().say("Give --customer and --product, or the customer's --request."))
    private_key = load_signing_key(path, first_line() if passphrase_stdin else None)
    published = _published(path, kid)
    if published and published.public_key != private_key.public_key():
        raise SigningKeyUnusable(problem=Problem("another_key_of_that_name", kid=kid))
    now = datetime.now(UTC)
    license_ = License(
        edition=edition,
        licenses=licenses,
        license_period=Period(license_start, license_end),
        maintenance_period=Period(maintenance_start, maintenance_end) if maintenance_start else None,
        optional_products=optional_products,
        customer=customer,
        issuer=issuer or (published and published.issuer) or kid,
        audience=audience or "*",
        product=product,
        key_id=str(uuid4()),
        issued_at=int((issued_at or now).timestamp()),
        other_claims=claims,
    )
    text = sign(license_, private_key, kid)
    doubtful = [*doubts(license_, now, published, kid)]
    if audience is None:
        doubtful.append(Problem("any_installation"))
    if (anchor or request) is not None and log_key is None:
        doubtful.append(Problem("anchor_not_checked"))
    for doubt in doubtful:
        say("Warning: {doubt}", err=True, doubt=doubt)
    click.echo(text)


def _anchor(path: Path, log_key: Path | None) -> tuple[str, dict[str, str | int]]:
    """The installation's UUID and the claims of the largest good checkpoint in a file. Raises AnchorUnusable."""
    file = path
    try:
        notes = notes_in(read_own(file))
        vkeys = None
        if log_key:
            file = log_key
            vkeys = vkeys_in(read_own(file))
    except Unreadable as unreadable:
        raise AnchorUnusable(problem=Problem("file_fails", path=str(file), reason=str(unreadable))) from None
    except OSError as error:
        raise AnchorUnusable(problem=Problem("file_fails", path=str(error.filename), reason=error.strerror)) from None
    anchors, refusals = [], []
    for note in notes:
        try:
            anchors.append(checkpoint_to_anchor(note, vkeys))
        except AnchorUnusable as refusal:
            refusals.append(refusal)
    if not anchors:
        raise refusals[0]
    installation_id, checkpoint = max(anchors, key=lambda anchor: anchor[1].size)
    return installation_id, Anchor.claims(checkpoint)


def _published(path: Path, kid: str) -> VerificationKey | None:
    """The public key by the name `kid` in the keyring beside the signing key, if there is one."""
    keyring = path.with_name("keyring.json")
    return Keyring.from_file(keyring).get(kid) if keyring.exists() else None
