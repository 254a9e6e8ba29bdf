"""Writes docs/openapi.json anew: `python -m tests.publish_openapi`, for a change of the API that is meant."""

from __future__ import annotations

import json
from pathlib import Path

from interface.web.gateway import OPENAPI

if __name__ == "__main__":
    page = Path(__file__).parents[1] / "docs" / "openapi.json"
    page.write_text(json.dumps(OPENAPI, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
