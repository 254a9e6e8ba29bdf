"""That something is refused, with a sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import Refused


@contextmanager
def refused(kind: type[Refused], saying: str = "") -> Iterator[pytest.ExceptionInfo[Refused]]:
    """Inside of it, this refusal is raised, and its sentence contains what the pattern says."""
    with pytest.raises(kind) as caught:
        yield caught
    said = sentence(caught.value, ENGLISH)
    assert re.search(saying, said), said
