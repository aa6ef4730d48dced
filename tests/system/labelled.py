"""The labelled mails for end-to-end tests. Half of them measure only, so a case never shows more than its id when a test fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "corpus"
MACHINES = frozenset({"auto_reply", "bounce", "bulk"})


class Case(dict[str, Any]):
    """A case of the corpus, shown by its id alone."""

    def __repr__(self) -> str:
        return f"<{self['id']}>"

    __str__ = __repr__


def load(name: str) -> list[Case]:
    """The cases of a file of the corpus, in its order."""
    return [Case(json.loads(line)) for line in (CORPUS / name).read_text("utf-8").splitlines()]
