"""docs/verify.html as an auditor uses it, and its functions as a test asks them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.tampered import Case

FILE = Path(__file__).parents[2] / "docs" / "verify.html"

LABELS = {
    "export": "Audit export",
    "kept": "Checkpoints that you kept",
    "log_key": "Log key",
    "old_log_key": "Old log keys",
    "keyring": "Vendor's keyring",
}

OF_CASES = """async (cases) => {
    const bytes = (text) => (text === undefined ? undefined : fromBase64(text));
    const reports = [];
    for (const { file, own } of cases) {
        const report = await verify(new Blob([bytes(file)]), { ...own, keyring: bytes(own.keyring) });
        const { finding, root } = report;
        const lines = Array.from(report.lines(), (line) => line.text);
        reports.push([finding?.code ?? null, finding?.position ?? null, finding?.message ?? null, root, lines]);
    }
    return reports;
}"""


def open_page(page: Page) -> None:
    """From the disk, as one opens a file that was sent."""
    page.goto(FILE.as_uri())


def choose(page: Page, **files: Path | Sequence[Path]) -> None:
    for name, paths in files.items():
        page.get_by_label(LABELS[name], exact=True).set_input_files(paths)


def verify(page: Page, **files: Path | Sequence[Path]) -> None:
    """Chooses files, verifies, and waits for the verdict."""
    choose(page, **files)
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("#verdict")).to_be_focused()


def reports(page: Page, cases: Sequence[Case]) -> list[list[Any]]:
    """What the page's own `verify` says of each case: the finding's code, position and message, the root, the lines."""
    return [  # in pieces that the connection to the browser takes
        report
        for start in range(0, len(cases), 100)
        for report in page.evaluate(OF_CASES, [_as_json(case) for case in cases[start : start + 100]])
    ]


def _as_json(case: Case) -> dict[str, Any]:
    return {"file": encoded(case.export), "own": _own(case.options)}


def _own(options: Mapping[str, Any]) -> dict[str, Any]:
    keyring = options.get("keyring")
    own = {NAMES[name]: value for name, value in options.items() if value is not None}
    return own if keyring is None else {**own, "keyring": encoded(keyring)}


NAMES = {
    "kept_checkpoints": "kept",
    "log_keys": "logKeys",
    "old_log_keys": "oldLogKeys",
    "keyring": "keyring",
}
"""What the page calls the options of the Python file."""


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
