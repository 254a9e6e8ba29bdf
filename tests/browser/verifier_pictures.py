"""Makes the picture of docs/audit.md: `python -m tests.browser.verifier_pictures`, from the top of the tree.

With a directory behind it, what the page looks like there: sound and wrong, wide and narrow, light and dark.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.browser.server import chromium
from tests.browser.verifier_page import open_page, verify
from tests.proof_examples import EXPORT, KEYRING_FILE, LOG, VKEY, a_checkpoint, lines_of

PICTURES = Path(__file__).parents[2] / "docs" / "images"


def main(looked_at: list[str]) -> None:
    with TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = chromium(playwright)
        sound, wrong = _evidence(Path(directory))
        if looked_at:
            for width in (1280, 360):
                for scheme in ("light", "dark"):
                    for name, files in (("sound", sound), ("wrong", wrong), ("bare", {"export": sound["export"]})):
                        _picture(browser, files, Path(looked_at[0]) / f"{name}-{width}-{scheme}.png", width, scheme)
        else:
            _picture(browser, wrong, PICTURES / "verify-finding.png", 1080, "light")
        browser.close()


def _evidence(directory: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """What an auditor brings along, with a sound export, and with one that has an event altered."""
    altered = lines_of(EXPORT)
    altered[13] = altered[13].replace(b"UserAdded", b"UserRenamed")
    contents = {
        "history.jsonl": EXPORT,
        "history-2.jsonl": b"".join(altered),
        "kept-april.txt": a_checkpoint(LOG, 7).encode(),
        "log-key.vkey": VKEY.encode(),
        "vendor-keyring.json": KEYRING_FILE,
    }
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    own = {"kept": "kept-april.txt", "log_key": "log-key.vkey", "keyring": "vendor-keyring.json"}
    sound = {name: directory / file for name, file in {"export": "history.jsonl", **own}.items()}
    return sound, {**sound, "export": directory / "history-2.jsonl"}


def _picture(browser: Browser, files: dict[str, Path], path: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page)
    verify(page, **files)
    box = page.locator("#result").bounding_box()
    assert box is not None
    whole = {"x": 0, "y": 0, "width": width, "height": page.evaluate("scrollY") + box["y"] + box["height"] + 24}
    page.screenshot(path=path, full_page=True, clip=whole, animations="disabled")
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
