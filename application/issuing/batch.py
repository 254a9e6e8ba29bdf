"""License keys for many customers at once: a CSV file with a line for each, all signed or none (docs/vendor.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.cells import inert
from application.csv_table import Table, heading, rows_of, table_of
from application.license_keys import day_from
from application.license_keys.claims import MAX_LICENSES
from application.license_keys.signing import LicenseNotSignable, sign
from application.user_import.lines import ImportRefused
from application.user_import.text import text_of
from domain.license import License, Period
from domain.login_name import shown
from domain.refusals import Problem, Refused

REQUIRED = ("customer", "product", "edition", "licenses", "license_start")
OPTIONAL = ("license_end", "maintenance_start", "maintenance_end", "optional_products", "installation")
HEADER = ("customer", "product", "installation", "license_key_id", "license_key")
"""The columns of the file that the license keys go to."""

BY_HEADING = {heading(column): column for column in REQUIRED + OPTIONAL}

SEPARATORS = (",", ";", "\t")
BETWEEN_PRODUCTS = "|"
MAX_BATCH = 10_000

COLUMNS = {
    "sub": "customer",
    "aud": "installation",
    "license_period": "license_end",
    "license_period.start": "license_start",
    "license_period.end": "license_end",
    "maintenance_period": "maintenance_end",
    "maintenance_period.start": "maintenance_start",
    "maintenance_period.end": "maintenance_end",
}
"""The column that a claim comes from, where it has another name."""


class BatchRefused(Refused):
    """Lines of the list are wrong; nothing was issued. The fact `lines` has the number of each, and its problem."""

    code = "batch_refused"

    @classmethod
    def for_lines(cls, lines: Sequence[tuple[int, Problem | Refused]]) -> BatchRefused:
        return cls(count=len(lines), lines=list(lines))


class BatchKey(NamedTuple):
    """A license key of the list, with the number of its line; `says_installation` also for one that says any."""

    line: int
    license: License
    text: str
    says_installation: bool


def signed_batch(
    data: bytes, private_key: Ed25519PrivateKey, kid: str, *, issuer: str, issued_at: int
) -> list[BatchKey]:
    """The license keys that a list asks for, signed. Raises BatchRefused, which names every bad line and its column."""
    bad: list[tuple[int, Problem]] = []
    keys: list[BatchKey] = []
    before: dict[tuple[str, ...], int] = {}
    """The lines by what they say."""
    for number, fields in _rows(data):
        try:
            if isinstance(fields, Problem):
                raise _Bad(fields)
            first = before.setdefault(tuple(fields.values()), number)
            if first != number:
                raise _Bad(Problem("line_repeated", line=first))
            license_ = _license(fields, issuer, issued_at)
            keys.append(BatchKey(number, license_, _signed(license_, private_key, kid), bool(fields["installation"])))
        except _Bad as wrong:
            bad.append((number, wrong.problem))
    if bad:
        raise BatchRefused.for_lines(bad)
    if not keys:
        raise BatchRefused.for_lines([(1, Problem("batch_empty"))])
    return keys


def keys_csv(keys: list[BatchKey]) -> bytes:
    """The file that the license keys go to, in the order of the list; no spreadsheet takes a name for a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    for key in keys:
        of = key.license
        writer.writerow(map(inert, (of.customer, of.product, of.audience, of.key_id, key.text)))
    return stream.getvalue().encode()


class _Bad(Exception):
    """A line is wrong."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _bad(column: str, problem: Problem) -> _Bad:
    return _Bad(Problem("in_column", column=column, problem=problem))


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """Each line's number and its fields by all the columns, or what is wrong with it. Raises BatchRefused."""
    try:
        text = text_of(data)
    except ImportRefused as refused:
        lines = refused.facts["lines"]
        assert isinstance(lines, list)  # noqa: S101  for the type checker
        raise BatchRefused.for_lines(lines) from None
    table = table_of(text, "customer", SEPARATORS)
    headings = _headings(table)
    for count, row in enumerate(rows_of(table) if table else (), 1):
        if count > MAX_BATCH:
            problem = Problem("too_many_lines", lines=count, most=MAX_BATCH)
            raise BatchRefused.for_lines([(row.number, problem)])
        beyond = next((n for n, value in enumerate(row.fields[len(headings) :], len(headings)) if value), None)
        if row.error is not None:
            yield row.number, Problem("line_not_csv", reason=str(row.error))
        elif beyond is not None:
            yield row.number, Problem("value_without_header", text=shown(row.fields[beyond]), column=beyond + 1)
        else:
            yield row.number, dict.fromkeys(BY_HEADING.values(), "") | dict(zip(headings, row.fields, strict=False))


def _headings(table: Table | None) -> list[str]:
    """The columns in their order. Raises BatchRefused."""
    headings = [BY_HEADING.get(heading(field), field.strip()) for field in table.fields] if table else []
    problem = None
    if missing := [column for column in REQUIRED if column not in headings]:
        problem = Problem("columns_missing", columns=missing)
    for each in headings:
        if each not in BY_HEADING.values():
            problem = Problem("batch_column_unknown", column=shown(each), columns=[*REQUIRED, *OPTIONAL])
        elif headings.count(each) > 1:
            problem = Problem("column_twice", column=each)
    if problem:
        raise BatchRefused.for_lines([((table.lines_before if table else 0) + 1, problem)])
    return headings


def _license(fields: dict[str, str], issuer: str, issued_at: int) -> License:
    """Raises _Bad."""
    number = fields["licenses"]
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(MAX_LICENSES))):
        raise _bad("licenses", Problem("claim_not_whole_number", claim="licenses", most=MAX_LICENSES))
    if bool(fields["maintenance_start"]) != bool(fields["maintenance_end"]):
        column = "maintenance_end" if fields["maintenance_start"] else "maintenance_start"
        raise _bad(column, Problem("maintenance_half"))
    days = {
        column: _day(fields[column], column)
        for column in ("license_start", "license_end", "maintenance_start", "maintenance_end")
        if fields[column] or column == "license_start"
    }
    products = fields["optional_products"].split(BETWEEN_PRODUCTS) if fields["optional_products"] else []
    return License(
        edition=fields["edition"],
        licenses=int(number),
        license_period=Period(days["license_start"], days.get("license_end")),
        maintenance_period=(
            Period(days["maintenance_start"], days["maintenance_end"]) if "maintenance_start" in days else None
        ),
        optional_products=tuple(product.strip() for product in products),
        customer=fields["customer"],
        issuer=issuer,
        audience=_audience(fields["installation"]),
        product=fields["product"],
        key_id=str(uuid4()),
        issued_at=issued_at,
    )


def _day(text: str, column: str) -> date:
    try:
        return day_from(text)
    except ValueError:
        raise _bad(column, Problem("claim_not_date", claim=column)) from None


def _audience(text: str) -> str:
    if text in ("", "*"):
        return "*"
    try:
        return str(UUID(text))
    except ValueError:
        raise _bad("installation", Problem("claim_not_uuid", claim="installation")) from None


def _signed(license_: License, private_key: Ed25519PrivateKey, kid: str) -> str:
    try:
        return sign(license_, private_key, kid)
    except LicenseNotSignable as refused:
        problem = refused.facts["problem"]
        assert isinstance(problem, Problem)  # noqa: S101  for the type checker
        claim = str(problem.facts.get("claim", ""))
        if problem.code.startswith("optional_product"):
            claim = "optional_products"
        raise (_bad(COLUMNS.get(claim, claim), problem) if claim else _Bad(problem)) from None
