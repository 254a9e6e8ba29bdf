"""The vendor's commands: make a signing key, issue license keys, look into one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import click

from application.license_keys import Keyring, LicenseKeys, VerificationKey, claims_of, read_unverified
from application.license_keys.signing import sign
from application.license_keys.signing_keys import SigningKeyUnusable, load_signing_key, new_signing_key
from application.license_keys.strict_json import Json
from application.proof.anchor import ROOT_CLAIM, SIZE_CLAIM, Anchor, AnchorUnusable, checkpoint_to_anchor
from application.proof.verify_export import vkeys_of
from application.words.messages import message
from domain.license import License, Period
from domain.refusals import Problem
from interface.cli.arguments import day, installation, license_key_text, moment, read_own
from interface.cli.output import RefusingGroup, echo_json, language, padded, say, warn_of_passed_over
from interface.cli.standard_input import first_line

_FILE = click.Path(dir_okay=False, path_type=Path)
_PASSPHRASE = click.option("--passphrase-stdin", is_flag=True, help="The passphrase is standard input's first line.")


@click.group(cls=RefusingGroup)
def vendor() -> None:
    """Make signing keys, issue license keys and look into them, on the vendor's own machine."""


@vendor.command("new-key")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--kid", required=True, help="The name by which license keys call the signing key, such as acme-2026.")
@click.option("--issuer", help="The vendor's name, shown with each license. Without it, the kid is shown.")
@_PASSPHRASE
def new_key(directory: Path, kid: str, issuer: str | None, passphrase_stdin: bool) -> None:
    """Make a signing key.

    Writes the secret DIR/signing-key.pem, which is never overwritten, and adds the public key to DIR/keyring.json,
    which goes into the product.
    """
    passphrase = first_line() if passphrase_stdin else None
    for path in new_signing_key(directory, kid, issuer=issuer, passphrase=passphrase):
        click.echo(path)


@vendor.command()
@click.option("--signing-key", "path", required=True, type=_FILE, help="The PEM that new-key wrote.")
@click.option("--kid", required=True, help="The signing key's name in the keyring.")
@click.option("--customer", required=True, help="The customer or contract.")
@click.option("--product", required=True, help="The product's name, as installations were opened with.")
@click.option("--edition", required=True)
@click.option("--licenses", required=True, type=int, help="How many users may use the product.")
@click.option("--license-start", required=True, type=day)
@click.option("--license-end", type=day, help="The last day; without it the license is perpetual.")
@click.option("--maintenance-start", type=day)
@click.option("--maintenance-end", type=day, help="Without both dates there is no maintenance.")
@click.option("--optional-product", "optional_products", multiple=True, help="Once for each optional product.")
@click.option("--installation", "audience", type=installation, help="The installation's UUID; any, if left out.")
@click.option(
    "--anchor", type=_FILE, help="A checkpoint of the installation's history; the license key then carries it along."
)
@click.option("--log-key", type=_FILE, help="The log's public key (vkey), to check who signed the checkpoint.")
@click.option("--issued-at", type=moment, help="RFC 3339; now, if left out.")
@click.option("--issuer", help="The vendor's name; if left out, the one in the keyring beside the signing key.")
@_PASSPHRASE
def issue(
    path: Path,
    kid: str,
    customer: str,
    product: str,
    edition: str,
    licenses: int,
    license_start: date,
    license_end: date | None,
    maintenance_start: date | None,
    maintenance_end: date | None,
    optional_products: tuple[str, ...],
    audience: str | None,
    anchor: Path | None,
    log_key: Path | None,
    issued_at: datetime | None,
    issuer: str | None,
    passphrase_stdin: bool,
) -> None:
    """Sign a license key and print it, and nothing else, on standard output.

    Signs whatever a license key can say, and warns on standard error of what is probably a mistake.
    """
    if (maintenance_start is None) != (maintenance_end is None):
        raise click.UsageError(language().say("Give both --maintenance-start and --maintenance-end, or neither."))
    claims: dict[str, str | int] = {}
    if anchor is not None:
        anchored, claims = _anchor(anchor, log_key)
        if audience not in (None, anchored):
            text = message("The checkpoint is of the installation {installation}, but --installation is another.")
            raise click.UsageError(language().say(text, installation=anchored))
        audience = anchored
    elif log_key is not None:
        raise click.UsageError(language().say("--log-key checks the checkpoint of --anchor; give both, or neither."))
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
    doubts = [*_doubts_about(published, kid), *_doubts(license_, now)]
    if anchor is not None and log_key is None:
        doubts.append(Problem("anchor_not_checked"))
    for doubt in doubts:
        say("Warning: {doubt}", err=True, doubt=doubt)
    click.echo(text)


@vendor.command()
@click.argument("key", metavar="KEY|-")
@click.option("--keyring", type=_FILE, envvar="SEATLEDGER_KEYRING", show_envvar=True, help="The vendor's public keys.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(key: str, keyring: Path | None, as_json: bool) -> None:
    """Show what a license key says; its signature is checked only against a keyring."""
    text = license_key_text(key)
    read = LicenseKeys(warn_of_passed_over(Keyring.from_file(keyring))).read(text) if keyring else read_unverified(text)
    report = {
        "signature": "valid" if keyring else "not_checked",
        "signing_key_id": read.signing_key_id,
        "fingerprint": read.fingerprint,
        "claims": claims_of(read.license),
    }
    if as_json:
        echo_json(report)
        return
    click.echo("\n".join(_lines(report)))


def _anchor(path: Path, log_key: Path | None) -> tuple[str, dict[str, str | int]]:
    """The installation's UUID and the claims of a checkpoint in a file. Raises AnchorUnusable."""
    try:
        note = read_own(path).decode("utf-8", "replace")
        vkeys = vkeys_of(read_own(log_key)) if log_key else None
    except OSError as error:
        raise AnchorUnusable(problem=Problem("file_fails", path=str(error.filename), reason=error.strerror)) from None
    installation_id, checkpoint = checkpoint_to_anchor(note, vkeys)
    return installation_id, Anchor.claims(checkpoint)


def _published(path: Path, kid: str) -> VerificationKey | None:
    """The public key by the name `kid` in the keyring beside the signing key, if there is one."""
    keyring = path.with_name("keyring.json")
    return Keyring.from_file(keyring).get(kid) if keyring.exists() else None


def _doubts_about(published: VerificationKey | None, kid: str) -> Iterator[Problem]:
    if published is None:
        yield Problem("key_in_no_keyring", kid=kid)
    elif published.revoked:
        yield Problem("key_is_revoked", kid=kid)


def _doubts(license_: License, now: datetime) -> Iterator[Problem]:
    """What is allowed and yet seldom meant."""
    today, period, maintenance = now.date(), license_.license_period, license_.maintenance_period
    if period.last_day < today:
        yield Problem("license_period_ended", end=period.end)
    if license_.issued_at > now.timestamp():
        yield Problem("issued_later")
    if maintenance is None and license_.optional_products:
        yield Problem("products_never_used")
    if maintenance and maintenance.last_day < today:
        yield Problem("maintenance_ended", end=maintenance.end)
    if maintenance and maintenance.last_day > period.last_day:
        yield Problem("maintenance_goes_on", until=maintenance.end, end=period.end)
    if maintenance and maintenance.start < period.start:
        yield Problem("maintenance_starts_before", start=maintenance.start, license_start=period.start)


def _lines(report: dict[str, Json]) -> Iterator[str]:
    """What a key says, a line for each claim: its name in a column, then its value."""
    for name, value in _rows(report):
        yield f"{padded(name, 20)} {value}"


def _rows(report: dict[str, Json]) -> Iterator[tuple[str, str]]:
    say, claims = language().say, report["claims"]
    if report["signature"] == "valid":
        yield say("Signature"), say("valid, by the key “{kid}”", kid=report["signing_key_id"])
    else:
        unchecked = say("NOT CHECKED: anybody could have written this; give --keyring to check it")
        yield say("Signature"), unchecked
        yield say("Signing key"), say("“{kid}”, as it says", kid=report["signing_key_id"])
    yield say("Issuer"), claims["iss"]
    yield say("Customer"), claims["sub"]
    yield say("Product"), claims["product"]
    yield say("Edition"), claims["edition"]
    yield say("Licenses"), str(claims["licenses"])
    yield say("License period"), _period(claims["license_period"])
    yield say("Maintenance period"), _period(claims["maintenance_period"])
    yield say("Optional products"), language().list(claims["optional_products"]) or say("none")
    yield say("Installation"), say("any") if claims["aud"] == "*" else claims["aud"]
    yield say("Issued at"), datetime.fromtimestamp(claims["iat"], UTC).isoformat().replace("+00:00", "Z")
    yield say("License key id"), claims["jti"]
    yield say("Fingerprint"), report["fingerprint"]
    if SIZE_CLAIM in claims and ROOT_CLAIM in claims:
        root = ascii(claims[ROOT_CLAIM])[1:-1]
        yield say("Anchor"), say("{size} events, root {root}", size=claims[SIZE_CLAIM], root=root)
    for name in (name for name in claims if name.startswith("x_") and name not in (SIZE_CLAIM, ROOT_CLAIM)):
        # As ASCII, so that no control character reaches the terminal.
        yield ascii(name)[1:-1], json.dumps(claims[name])


def _period(period: dict[str, str | None] | None) -> str:
    if period is None:
        return language().say("none")
    if period["end"]:
        return language().say("{start} to {end}", start=period["start"], end=period["end"])
    return language().say("from {start}, perpetual", start=period["start"])
