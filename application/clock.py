"""The moment at which something happens: an argument everywhere, read only where the program is wired together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Gives the present moment, with a time zone."""
