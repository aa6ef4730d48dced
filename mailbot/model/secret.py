"""A password in memory."""

from __future__ import annotations


class Secret(str):
    """A string that does not show itself in a repr, hence not in a dataclass, a traceback's locals or a pytest report."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"
