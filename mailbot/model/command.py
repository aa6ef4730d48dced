"""What a colleague can tell the desk to do, by mail or on the command line: the same values from both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What is to be done. The words for it, Polish and English, stand in `rules/commands.py`."""

    START = "start"
    ASSIGN = "assign"
    IMPACT = "impact"
    CLOSE = "close"
    REOPEN = "reopen"
    SET = "set"
    ACCEPT = "accept"
    DISMISS = "dismiss"
    NOTE = "note"
    REPLY = "reply"
    STATUS = "status"
    HELP = "help"
    OPEN = "open"  # command line only: a customer on the phone
    MERGE = "merge"  # command line only: the argument is the other ticket's number


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do to one ticket. What it may hold is checked by `rules/commands.py:command` for both roads.

    `argument`: assign: a name, an address, or "me"; impact: an `Impact`; close, dismiss: the reason, may be empty;
    note, reply: the text, many lines; merge: a ticket number. `fields`: set and open: (fact name of `model/facts.py`, value).
    """

    verb: Verb
    argument: str = ""
    fields: tuple[tuple[str, str], ...] = ()


class Why(StrEnum):
    """Why a line is no command that can be carried out; `rules/commands.py:explain` has the words."""

    UNKNOWN_WORD = "unknown_word"  # not a command, but near one
    TAKES_NOTHING = "takes_nothing"
    NEEDS_NAME = "needs_name"
    NEEDS_LEVEL = "needs_level"
    NEEDS_FIELD = "needs_field"
    NEEDS_VALUE = "needs_value"
    NEEDS_TEXT = "needs_text"
    NEEDS_FULL_NAME = "needs_full_name"
    OTHER_TICKET = "other_ticket"
    TO_CUSTOMER = "to_customer"  # cannot tell whether the words are meant for the customer


@dataclass(frozen=True, slots=True)
class Unclear:
    """A line that was meant as a command and is not carried out: nothing is guessed."""

    line: str
    why: Why
    suggestion: str = ""  # the line, or word, that was probably meant; empty when there is no good guess
