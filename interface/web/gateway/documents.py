"""JSON answers: how each of them is spelled and which headers it carries."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

JSON = "application/json"
PROBLEM = "application/problem+json"


def document(value: Any, status: int = 200, *, content_type: str = JSON) -> Response:
    """A JSON answer that nobody may store, and that no browser takes for anything else."""
    response = Response(orjson.dumps(value), status, content_type=content_type)
    response.headers.extend((("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")))
    return response
