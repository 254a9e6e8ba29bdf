"""The vendor's command issue: sign a license key, and warn of what is probably a mistake."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import uuid4

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.files import ask_new, reason_of, writing_new
from application.issuing.batch import BatchKey, BatchRefused, keys_csv, signed_batch
from application.issuing.ledger import LedgerUnusable, Writer, read_ledger, writing_ledger
from application.issuing.renewal import a_year_on, last_license
from application.license_keys import Keyring, VerificationKey
from application.license_keys.doubts import doubts
from application.license_keys.signing import sign
from application.license_keys.signing_keys import SigningKeyUnusable, load_signing_key
from application.proof.anchor import Anchor, AnchorUnusable, checkpoint_to_anchor
from application.proof.verify_export import Unreadable, notes_in, vkeys_in
from application.renewal.request import RenewalRequestUnfit
from application.user_import.text import MAX_BYTES
from application.words.messages import message
from domain.license import License, Period
from domain.refusals import Problem
from interface.cli.arguments import day, installation, moment, read_own
from interface.cli.output import Translated, language, say
from interface.cli.standard_input import first_line
from interface.cli.vendor.ledger import keyring_beside, table
from interface.cli.vendor.requests import order_of
from interface.cli.vendor.signing_keys import passphrase_stdin

T = TypeVar("T")

OF_THE_SIGNER = ("key_in_no_keyring", "key_is_revoked")
"""Doubts that are said once of a whole list."""

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Translated)
@click.option("--signing-key", "path", required=True, type=_FILE, help="The PEM that new-key wrote.")
@click.option("--kid", required=True, help="The signing key's name in the keyring.")
@click.option("--customer", help="The customer or contract.")
@click.option("--product", help="The product's name, as installations were opened with.")
@click.option("--edition")
@click.option("--licenses", type=int, help="How many users may use the product.")
@click.option("--license-start", type=day)
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
@click.option(
    "--renew",
    metavar="CUSTOMER",
    help="What this customer was issued last, a year on; other options say what is different.",
)
@click.option("--from", "batch", type=_FILE, metavar="CSV", help="Issue a license key for each line of a list.")
@click.option("--keys-to", type=_FILE, metavar="CSV", help="With --from: the new file that the license keys go to.")
@click.option("--dry-run", is_flag=True, help="Show what would be issued; nothing is written.")
@passphrase_stdin
def issue(
    path: Path,
    kid: str,
    customer: str | None,
    product: str | None,
    edition: str | None,
    licenses: int | None,
    license_start: date | None,
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
    renew: str | None,
    batch: Path | None,
    keys_to: Path | None,
    dry_run: bool,
    passphrase_stdin: bool,
) -> None:
    """Sign a license key and print it, and nothing else, on standard output.

    Before it is printed, it stands in the ledger beside the signing key, on the disk: “seatledger vendor list” shows
    it. Signs whatever a license key can say, and warns on standard error of what is probably a mistake. Without
    --installation and --any-installation it fits any installation, and warns of that.

    With --renew it takes what it is not told from the customer's last license key, and each period goes on for a year.
    With --from it issues for every line of a list or for none, and the license keys go to the file --keys-to.
    With --request it is for the installation of the renewal file; one in which something does not agree is refused.
    """
    stated = {
        "--customer": customer,
        "--product": product,
        "--edition": edition,
        "--licenses": licenses,
        "--license-start": license_start,
    }
    others = (
        license_end,
        maintenance_start,
        maintenance_end,
        optional_products,
        audience,
        any_installation,
        anchor,
        request,
    )
    if batch is not None:
        if renew is not None or log_key is not None or any(map(_is_stated, (*stated.values(), *others))):
            raise click.UsageError(language().say("With --from, the list alone says what is issued and to whom."))
        if (keys_to is None) != dry_run:
            raise click.UsageError(language().say("With --from, give either --keys-to or --dry-run."))
        _issue_batch(batch, keys_to, _Signer.load(path, kid, passphrase_stdin), issuer, issued_at)
        return
    if keys_to is not None:
        raise click.UsageError(language().say("--keys-to is for the license keys of --from; give both, or neither."))
    filled_in = {"--customer", "--product"} if request else set()
    missing = [option for option, value in stated.items() if value is None and option not in filled_in]
    if renew is None and missing:
        text = message("Missing options: {options}. --renew and --from go without; --request fills in two of them.")
        raise click.UsageError(language().say(text, options=missing))
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
        if renew is None:
            customer = customer or asked_for.customer
        if renew is None and customer is None:
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
    signer = _Signer.load(path, kid, passphrase_stdin)
    now = datetime.now(UTC)
    with (_ledger_alone if dry_run else writing_ledger)(signer.directory, signer.keyring) as ledger:
        begun = a_year_on(last_license(ledger.entries, renew, product, audience)) if renew is not None else None
        period = begun.license_period if begun else None
        maintenance = begun.maintenance_period if begun else None
        if maintenance_start and maintenance_end:
            maintenance = Period(maintenance_start, maintenance_end)
        license_ = License(
            edition=_first(edition, begun.edition if begun else None),
            licenses=_first(licenses, begun.licenses if begun else None),
            license_period=Period(
                _first(license_start, period.start if period else None), license_end or (period.end if period else None)
            ),
            maintenance_period=maintenance,
            optional_products=optional_products or (begun.optional_products if begun else ()),
            customer=_first(customer, begun.customer if begun else None),
            issuer=issuer or signer.issuer,
            audience=audience or (begun.audience if begun else "*"),
            product=_first(product, begun.product if begun else None),
            key_id=str(uuid4()),
            issued_at=int((issued_at or now).timestamp()),
            other_claims=claims,
        )
        text = sign(license_, signer.private_key, kid)
        if not dry_run:
            ledger.append([text], signer.private_key, kid)
    doubtful = [*doubts(license_, now, signer.published, kid)]
    if audience is None and license_.audience == "*":
        doubtful.append(Problem("any_installation"))
    if (anchor or request) is not None and log_key is None:
        doubtful.append(Problem("anchor_not_checked"))
    for doubt in doubtful:
        say("Warning: {doubt}", err=True, doubt=doubt)
    click.echo(table([license_]) if dry_run else text)


def _ledger_alone(directory: Path, keyring: Keyring | None) -> AbstractContextManager[Writer]:
    """The ledger for a dry run, which leaves no file behind, the lock's neither."""
    return nullcontext(Writer(directory, read_ledger(directory, keyring)))


class _Signer(NamedTuple):
    """A signing key, its name, and what the keyring beside it says of it."""

    private_key: Ed25519PrivateKey
    kid: str
    keyring: Keyring | None
    directory: Path

    @classmethod
    def load(cls, path: Path, kid: str, passphrase_stdin: bool) -> _Signer:
        """Raises SigningKeyUnusable, KeyringInvalid."""
        private_key = load_signing_key(path, first_line() if passphrase_stdin else None)
        signer = cls(private_key, kid, keyring_beside(path.parent), path.parent)
        if signer.published and signer.published.public_key != private_key.public_key():
            raise SigningKeyUnusable(problem=Problem("another_key_of_that_name", kid=kid))
        return signer

    @property
    def published(self) -> VerificationKey | None:
        """The public key by this name in the keyring, if there is one."""
        return self.keyring.get(self.kid) if self.keyring else None

    @property
    def issuer(self) -> str:
        return (self.published and self.published.issuer) or self.kid


def _issue_batch(
    batch: Path, keys_to: Path | None, signer: _Signer, issuer: str | None, issued_at: datetime | None
) -> None:
    """Signs every line of a list or none; the license keys stand in the ledger before their file has its name."""
    now = datetime.now(UTC)
    if keys_to is not None:
        ask_new(keys_to)
    try:
        data = read_own(batch, MAX_BYTES)
    except OSError as error:
        problem = Problem("file_failed", path=str(batch), reason=reason_of(error, batch))
        raise BatchRefused.for_lines([(1, problem)]) from None
    seconds = int((issued_at or now).timestamp())
    keys = signed_batch(data, signer.private_key, signer.kid, issuer=issuer or signer.issuer, issued_at=seconds)
    if keys_to is None:
        click.echo(table(key.license for key in keys))
    else:
        _write(keys, keys_to, signer)
        text = message("{count} license keys are in {path}.")
        say(text, err=True, count=len(keys), path=str(keys_to))
    said_once = set[str]()
    for key in keys:
        doubtful = [*doubts(key.license, now, signer.published, signer.kid)]
        if not key.says_installation:
            doubtful.append(Problem("any_installation"))
        for doubt in doubtful:
            if doubt.code not in OF_THE_SIGNER:
                say("Warning: line {line}: {doubt}", err=True, line=key.line, doubt=doubt)
            elif doubt.code not in said_once:
                said_once.add(doubt.code)
                say("Warning: {doubt}", err=True, doubt=doubt)


def _write(keys: list[BatchKey], path: Path, signer: _Signer) -> None:
    try:
        with writing_ledger(signer.directory, signer.keyring) as ledger, writing_new(path) as stream:
            stream.write(keys_csv(keys))
            stream.flush()
            ledger.append([key.text for key in keys], signer.private_key, signer.kid)
    except OSError as error:
        problem = Problem("file_failed", path=str(path), reason=reason_of(error, path, writing=True))
        raise LedgerUnusable(problem=problem) from None


def _is_stated(value: object) -> bool:  # object: an option's value, of any type
    return value not in (None, (), False)


def _first(option: T | None, renewed: T | None) -> T:
    """What an option says, else the license that is renewed; one of them does."""
    value = renewed if option is None else option
    assert value is not None  # noqa: S101  --renew gives what an option does not, else usage is wrong
    return value


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
