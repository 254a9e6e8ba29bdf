"""Lists as spreadsheets write them are read; what they spoilt is refused with its line, its cause, and what to do."""

from __future__ import annotations

import pytest

from application.user_import import MAX_BYTES, MAX_LINES, ImportRefused, problem_of_name, read_csv
from application.words.language import ENGLISH
from domain.refusals import Problem

SPELLINGS = {
    "semicolons": "login_name;administrator\nann;true\nben;false\n",
    "tabs": "login_name\tadministrator\nann\ttrue\nben\tfalse\n",
    "bars": "login_name|administrator\nann|true\nben|false\n",
    "a line that says the separator": "sep=;\nlogin_name;administrator\nann;true\nben;false\n",
    "it says a tab": "sep=\t\r\nlogin_name\tadministrator\r\nann\ttrue\r\nben\tfalse\r\n",
    "it says another sign": "SEP=^\nlogin_name^administrator\nann^true\nben^false\n",
    "it was saved as a cell": '"sep=;";\nlogin_name;administrator\nann;true\nben;false\n',
    "it says the wrong one": "sep=;\nlogin_name,administrator\nann,true\nben,false\n",
    "capital letters": "LOGIN_NAME,Administrator\nann,true\nben,false\n",
    "words apart": "Login name , ADMINISTRATOR\nann , true\nben, false\n",
    "the other order": "administrator,login_name\ntrue,ann\nfalse,ben\n",
    "full width": "ｌｏｇｉｎ＿ｎａｍｅ,administrator\nann,ｔｒｕｅ\nben,false\n",
    "empty columns at the end": "login_name;administrator;;\nann;true;;\nben;false;;\n",
    "empty columns between": ";login_name;;administrator\n;ann;;true\n;ben;;false\n",
    "empty rows": ";;\n\nlogin_name;administrator\n;\nann;true\n;;;;\n \nben;false\n;\n",
    "quoted fields": '"login_name"; "administrator"\n"ann"; "true"\n"ben"; "false"\n',
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_a_list_is_read_as_a_spreadsheet_writes_it(text: str) -> None:
    lines = [(line.login_name, line.administrator, line.problem) for line in read_csv(text.encode())]
    assert lines == [("ann", True, None), ("ben", False, None)]


def test_lines_have_the_numbers_that_an_editor_shows() -> None:
    lines = read_csv(b'sep=;\r\n;;\r\nlogin_name;administrator\r\nann;\r\n;\r\n"ben\r\ncem";\r\ndan;\r\n')
    assert [line.number for line in lines] == [4, 7, 8]


TRUE = """
    true TRUE Yes y 1 -1 x on WAHR Ja VRAI Oui VERDADERO Sí si VERO Sì WAAR 真 はい VERDADEIRO Sim PRAWDA Tak PRAVDA
    SANT SAND SANN TOSI IGAZ ИСТИНА да DOĞRU Evet 對 是 참 ＴＲＵＥ ✓ ✔️ ☑
"""
FALSE = """
    false FALSE No n 0 off FALSCH Nein FAUX Non FALSO ONWAAR Nee 偽 いいえ Não FAŁSZ Nie NEPRAVDA Ne FALSKT Nej FALSK
    USANN Nei EPÄTOSI Ei HAMIS Nem ЛОЖЬ нет YANLIŞ Yanlış Hayır 否 거짓 ✗ ☐
"""


@pytest.mark.parametrize(
    ("text", "expected"), [(word, True) for word in TRUE.split()] + [(word, False) for word in FALSE.split()]
)
def test_true_and_false_are_read_in_the_language_of_the_spreadsheet(text: str, expected: bool) -> None:
    line = read_csv(f"login_name;administrator\nann;{text}\n".encode())[0]
    assert (line.administrator, line.says_rights, line.problem) == (expected, True, None)


def test_an_empty_field_says_nothing_of_anybodys_rights() -> None:
    lines = read_csv(b"login_name;administrator\nann;\nben\n")
    assert [(line.administrator, line.says_rights) for line in lines] == [(False, False), (False, False)]


def problems(data: bytes | str) -> list[tuple[int, str]]:
    """Every line that is wrong, and the code of what is wrong with it."""
    try:
        lines = read_csv(data.encode() if isinstance(data, str) else data)
    except ImportRefused as refusal:
        bad: list[tuple[int, Problem]] = refusal.facts["lines"]  # type: ignore[assignment]  # a fact may be anything
        return [(number, problem.code) for number, problem in bad]
    return [(line.number, line.problem.code) for line in lines if line.problem]


LIST = "login_name,administrator\nann,true\nbjörn,\n"

NO_CSV = {
    "xlsx": (b"PK\x03\x04\x14\x00\x06\x00", [(1, "file_is_workbook")]),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", [(1, "file_is_workbook")]),
    "UTF-16 without BOM": (LIST.encode("utf-16-le"), [(1, "file_without_mark")]),
    "UTF-16, big end first": (LIST.encode("utf-16-be"), [(1, "file_without_mark")]),
    "UTF-32 without BOM": (LIST.encode("utf-32-le"), [(1, "file_without_mark")]),
    "UTF-16 cut off": (LIST.encode("utf-16")[:-1], [(1, "file_cut_off")]),
    "Windows-1252": (LIST.encode("cp1252"), [(3, "line_not_utf8")]),
    "Windows-1252 of an old Macintosh": (LIST.replace("\n", "\r").encode("cp1252"), [(3, "line_not_utf8")]),
    "Shift_JIS": (
        "login_name,administrator\nann,\n田中花子,真\nﾀﾅｶ,\n".encode("cp932"),
        [(3, "line_shift_jis"), (4, "line_shift_jis")],
    ),
    "Windows-1252 that has a reading in Shift_JIS": (
        "login_name\nHélène\nŠárka\n".encode("cp1252"),
        [(2, "line_not_utf8"), (3, "line_not_utf8")],
    ),
    "EUC-JP": ("login_name\n田中花子\n山田太郎\n".encode("euc-jp"), [(2, "line_not_utf8"), (3, "line_not_utf8")]),
    "a NUL in the header": ("login_name\0\nann\n", [(1, "line_has_nul")]),
    "no header": ("ann\nben\n", [(1, "header_wrong")]),
    "a title above": ("Users of 2026;\nlogin_name;\nann;\n", [(1, "header_wrong")]),
    "whole lines in quotes": ('"login_name,administrator"\n"ann,true"\n', [(1, "line_in_quotes")]),
    "lines of quoted fields in quotes": ('"""login_name"";""administrator"""\n', [(1, "line_in_quotes")]),
    "another column": ("\nlogin_name;e-mail\nann;x\n", [(2, "column_unknown")]),
    "a column twice": ("login_name;Login name\nann;x\n", [(1, "column_twice")]),
    "separators alone": (";;\n;;\n", [(1, "file_empty")]),
    "a value without a header": ("login_name;\nann;x\nben;\n", [(2, "value_without_header")]),
    "an unquoted separator": ("login_name\nSmith, Ann\nben\n", [(2, "value_without_header")]),
    "another separator in a row": ("login_name,administrator\nann;true\nben,\n", [(2, "other_separator")]),
    "a separator after each name": ("login_name\nann;\nben;\n", [(2, "other_separator"), (3, "other_separator")]),
    "a quote that is not closed": ('login_name\nann\n"ben\ncem\n', [(4, "quote_not_closed")]),
    "something after a quote": ('login_name\n"ann"x\nben\n', [(2, "text_after_quote")]),
    "a field without an end": ("login_name\nann\n" + "x" * 200_000 + "\n", [(3, "line_not_csv")]),
    "too many lines": (b"\n" * (MAX_LINES + 1), [(1, "too_many_lines")]),
    "too many bytes": (b"x" * (MAX_BYTES + 1), [(1, "list_too_large")]),
}


@pytest.mark.parametrize(("data", "bad"), NO_CSV.values(), ids=NO_CSV)
def test_what_cannot_be_read_is_refused_with_its_line_and_cause(data: bytes | str, bad: list[tuple[int, str]]) -> None:
    assert problems(data) == bad


def test_utf_16_with_its_mark_is_read() -> None:
    assert [line.login_name for line in read_csv(LIST.encode("utf-16"))] == ["ann", "björn"]


def test_utf_8_with_its_mark_as_excel_in_japan_writes_it_is_read() -> None:
    lines = read_csv("login_name,administrator\r\n田中花子,真\r\nｓｕｚｕｋｉ,\r\n".encode("utf-8-sig"))
    assert [(line.login_name, line.administrator) for line in lines] == [("田中花子", True), ("ｓｕｚｕｋｉ", False)]


SPOILT = {
    "name_letter_lost": ["bj\ufffdrn", "\ufffd"],
    "name_misread": ["BjÃ¶rn", "JosÃ©", "å±±".encode().decode("cp1252")],
    "name_formula": ['="ann"', "=ann", "=A1", '=T("ann")'],
    "name_quoted": [
        "“ann”",
        "„ann“",
        "'ann'",
        "‘ann’",
        "«ann»",
        "»ann«",
        "「ann」",
        "`ann`",
        '"ann',
        "ann”",
        "＂ann＂",
    ],
    "name_rounded": ["1.23457E+11", "1,2E+05", "1E+11"],
    "name_error": ["#NAME?", "#REF!", "#WERT!", "#N/A", "#NV"],
}


@pytest.mark.parametrize(
    ("code", "name"),
    [(code, name) for code, names in SPOILT.items() for name in names],
    ids=[f"{code}-{number}" for code, names in SPOILT.items() for number in range(len(names))],
)
def test_a_name_that_was_spoilt_on_the_way_is_refused_with_its_line(code: str, name: str) -> None:
    quoted = name.replace('"', '""')
    assert problems(f'login_name\nben\n"{quoted}"\n') == [(3, code)]


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien",
        "'t Hooft",
        "Jess’",
        'Ann "Annie" Lee',
        "Lukáš",
        "Úžas",
        "Ångström",
        "1e5",
        "#1",
        "a=b",
        "山田",
        "x+y@z.org",
    ],
)
def test_a_name_that_may_be_meant_is_left_alone(name: str) -> None:
    assert problem_of_name(name) is None


def test_a_spoilt_name_is_told_with_what_to_do() -> None:
    line = read_csv("login_name\nBjÃ¶rn\n".encode())[0]
    assert line.problem
    assert ENGLISH.clause(line.problem) == (
        "“BjÃ¶rn” seems to be “Björn”, read in a wrong encoding; open the list as UTF-8, and save it as “CSV UTF-8”"
    )


def test_a_quote_that_is_not_closed_is_told_by_the_line_on_which_it_opens() -> None:
    line = read_csv(b'sep=;\nlogin_name;\n\nann;\n"ben;\ncem;\n')[-1]
    assert line.problem == Problem("quote_not_closed", line=5)
