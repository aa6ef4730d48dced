"""Reading a mail like an attentive clerk: what the customer told us, and where it stands.

`read` finds the facts, `split_text` tells new text from quotes and signatures, `judge_kind` tells a request from other mail by its words.
Pure: no clock, no files but the tables in `knowledge/`, no network. One thread at a time (the dictionary is not thread-safe).
"""

from mailbot.rules.reading.context import ReadingContext
from mailbot.rules.reading.kind import judge_kind
from mailbot.rules.reading.reader import read
from mailbot.rules.reading.view import Line, Passage, Role, TextView, split_text

__all__ = ["Line", "Passage", "ReadingContext", "Role", "TextView", "judge_kind", "read", "split_text"]
