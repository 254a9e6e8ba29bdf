"""The vendor's command inspect: what a license key says, and by whom it was signed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from application.license_keys import (
    Keyring,
    LicenseKeys,
    UnverifiedKey,
    claims_of,
    is_signed_by,
    read_unverified,
)
from application.license_keys.strict_json import Json
from application.proof.anchor import ROOT_CLAIM, SIZE_CLAIM
from application.words.messages import message
from domain.license import LicenseKey
from domain.login_name import shown
from domain.refusals import (
    KeyMalformed,
    KeyRefused,
    KeySignatureBad,
    SigningKeyRevoked,
    SigningKeyUnknown,
)
from interface.cli.arguments import license_key_text
from interface.cli.output import Translated, echo_json, language, padded, warn_of_passed_over

VALID, NOT_CHECKED = "valid", "not_checked"

SIGNATURES = {
    VALID: message("valid, by the key “{kid}”"),
    NOT_CHECKED: message("NOT CHECKED: anybody could have written this; give --keyring to check it"),
    SigningKeyRevoked.code: message("by the key “{kid}”, which is REVOKED: installations refuse this license key"),
    SigningKeyUnknown.code: message(
        "NOT CHECKED: the keyring has no key “{kid}”; anybody could have written this, and installations refuse it"
    ),
}
"""What is known of a signature, by the word for it in JSON: for a signer that cannot be trusted, the refusal's code."""


class FileNameAsKey(KeyMalformed):
    """What was given where a license key belongs is the name of a file that is there."""

    @property
    def says(self) -> str:
        return f"{self.code}.file_name"


class Inspection(NamedTuple):
    """A license key, what is known of its signature, and why an installation would refuse its signer, if it would."""

    key: LicenseKey | UnverifiedKey
    signature: str
    refusal: KeyRefused | None = None


@click.command(cls=Translated)
@click.argument("key", metavar="KEY|-")
@click.option(
    "--keyring",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="SEATLEDGER_KEYRING",
    show_envvar=True,
    help="The vendor's public keys.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(key: str, keyring: Path | None, as_json: bool) -> None:
    """Show what a license key says; its signature is checked only against a keyring.

    "-" reads standard input, in which the license key is found as in a whole mail. If its signing key is revoked or not
    in the keyring, what it says is shown all the same, and the exit status is 1.
    """
    text = license_key_text(key)
    try:
        inspection = inspection_of(text, warn_of_passed_over(Keyring.from_file(keyring)) if keyring else None)
    except KeyMalformed:
        if key != "-" and _is_file(key):
            raise FileNameAsKey(name=shown(key), argument=shlex.quote(shown(key))) from None
        raise
    report = report_of(inspection)
    if as_json:
        echo_json(report)
    else:
        click.echo("\n".join(lines_of(report)))
    if inspection.refusal:
        raise inspection.refusal


def inspection_of(text: str, keyring: Keyring | None) -> Inspection:
    """What a license key says, and what is known of its signature, by a keyring if there is one.

    Raises KeyRefused, but for a signer that is revoked or unknown."""
    if keyring is None:
        return Inspection(read_unverified(text), NOT_CHECKED)
    try:
        return Inspection(LicenseKeys(keyring).read(text), VALID)
    except (SigningKeyRevoked, SigningKeyUnknown) as refusal:
        key = read_unverified(text)
        signer = keyring.get(key.signing_key_id)
        if signer and not is_signed_by(key.text, signer):
            raise KeySignatureBad from None
        return Inspection(key, refusal.code, refusal)


def report_of(inspection: Inspection) -> dict[str, Json]:
    """What `inspect --json` prints."""
    return {
        "signature": inspection.signature,
        "signing_key_id": inspection.key.signing_key_id,
        "fingerprint": inspection.key.fingerprint,
        "claims": claims_of(inspection.key.license),
    }


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # what no file can be called
        return False


def lines_of(report: dict[str, Json]) -> Iterator[str]:
    """What a key says, a line for each claim: its name in a column, then its value."""
    for name, value in _rows(report):
        yield f"{padded(name, 20)} {value}"


def _rows(report: dict[str, Json]) -> Iterator[tuple[str, str]]:
    say, claims = language().say, report["claims"]
    kid = report["signing_key_id"]
    yield say("Signature"), say(SIGNATURES[report["signature"]], kid=kid)
    if report["signature"] == NOT_CHECKED:
        yield say("Signing key"), say("“{kid}”, as it says", kid=kid)
    yield say("Issuer"), claims["iss"]
    yield say("Customer"), claims["sub"]
    yield say("Product"), claims["product"]
    yield say("Edition"), claims["edition"]
    yield say("Licenses"), str(claims["licenses"])
    yield say("License period"), period_of(claims["license_period"])
    yield say("Maintenance period"), period_of(claims["maintenance_period"])
    yield say("Optional products"), language().list(claims["optional_products"]) or say("none")
    yield say("Installation"), installation_of(claims["aud"])
    yield say("Issued at"), datetime.fromtimestamp(claims["iat"], UTC).isoformat().replace("+00:00", "Z")
    yield say("License key id"), claims["jti"]
    yield say("Fingerprint"), report["fingerprint"]
    if SIZE_CLAIM in claims and ROOT_CLAIM in claims:
        root = ascii(claims[ROOT_CLAIM])[1:-1]
        yield say("Anchor"), say("{size} events, root {root}", size=claims[SIZE_CLAIM], root=root)
    for name in (name for name in claims if name.startswith("x_") and name not in (SIZE_CLAIM, ROOT_CLAIM)):
        # As ASCII, so that no control character reaches the terminal.
        yield ascii(name)[1:-1], json.dumps(claims[name])


def installation_of(audience: str) -> str:
    return language().say("any") if audience == "*" else audience


def period_of(period: dict[str, str | None] | None) -> str:
    """A period as a license key says it."""
    if period is None:
        return language().say("none")
    if period["end"]:
        return language().say("{start} to {end}", start=period["start"], end=period["end"])
    return language().say("from {start}, perpetual", start=period["start"])
