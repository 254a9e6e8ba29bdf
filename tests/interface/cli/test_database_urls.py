"""URLs of databases that are written wrongly: one line, which shows no password."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from application.log import UrlInvalid, open_log
from tests.interface.cli.conftest import CommandLine

SECRET = "s3cret"

MISTYPED = {
    "another driver": f"postgresql+psycopg://u:{SECRET}@h/d",
    "another database": f"mysql://u:{SECRET}@h/d",
    "another database, password as parameter": f"mysql://h/d?password={SECRET}",
    "capitals": f"POSTGRESQL://u:{SECRET}@h/d",
    "no scheme": f"u:{SECRET}@h/d",
    "words of libpq": f"host=h user=u password={SECRET}",
    "bare percent sign": f"postgresql://u:{SECRET}%zz@h/d",
    "other encoding": f"postgresql://u:{SECRET}%fc@h/d",
    "other encoding, not percent-encoded": f"postgresql://u:{SECRET}\udcfc@h/d",
    "bare @": f"postgresql://u:p@{SECRET}@h/d",
    "bare @ and slash": f"postgresql://u:p@{SECRET}/x@h/d",
    "slash after digits": f"postgresql://u:12/{SECRET}@h/d",
    "slash": f"postgresql://u:{SECRET}/x@h/d",
    "bare @ and question mark": f"postgresql://u:p@1?{SECRET}@h/d",
    "bare @, question mark and equals sign": f"postgresql://u:p@1?{SECRET}=x@h/d",
    "brackets": f"postgresql://u:{SECRET}]@[h/d",
    "brackets and line": f"postgresql://u:x\n{SECRET}]@[h/d",
    "quotation mark": f'postgresql://u:x"{SECRET}%zz@h/d',
    "in the port's place": f"postgresql://h:{SECRET}/d",
    "in the second port's place": f"postgresql://u:p@h:1,[::1]:{SECRET}/d",
}

OWNERS = {kind: url for kind, url in MISTYPED.items() if kind != "words of libpq"}
"""The owner's role may be named in libpq's words too."""


@pytest.mark.parametrize("url", MISTYPED.values(), ids=MISTYPED)
def test_no_password_is_shown_of_a_url_that_cannot_be_read(bare: CommandLine, url: str) -> None:
    refused = bare.run("user", "list", SEATLEDGER_DATABASE=url)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: SEATLEDGER_DATABASE ")
    assert refused.stderr.count("\n") == 1
    assert SECRET not in refused.stderr


@pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS)
def test_nor_of_the_owners(bare: CommandLine, owner: str) -> None:
    refused = bare.run("migrate", SEATLEDGER_DATABASE="postgresql://u@h/d", SEATLEDGER_DATABASE_OWNER=owner)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: SEATLEDGER_DATABASE_OWNER ")
    assert SECRET not in refused.stderr


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
@example("p@ss/w?rd#%:[]")
def test_a_password_that_is_encoded_is_read_and_not_shown(password: str) -> None:
    log = open_log(f"postgresql://u:{quote(password, safe='')}@h:5432,[::1]:5433/d?target_session_attrs=read-write")
    assert str(log.place) == "postgresql://u@h:5432,::1:5433/d"


@given(st.text(st.sampled_from("@/?:%[]#\"'=& \nab1"), max_size=8))
@example("@\n?")
@example("%a1")
def test_whatever_a_password_holds_what_is_shown_holds_no_piece_of_it(around: str) -> None:
    try:
        place = str(open_log(f"postgresql://u:{around}{SECRET}{around}@h/d").place)
    except UrlInvalid as invalid:
        place = str(invalid.problem)
    assert SECRET not in place
