"""The split of the labelled corpus, fixed before the first cue was written.

Cues, word lists, examples and rules are made from the open half alone; the held-back half only measures, and so do the blind files.
"""

from __future__ import annotations

from zlib import crc32

BLIND = frozenset({"hand_f", "hand_k", "hand_l", "answers_c", "answers_f"})  # whole files that nobody learns from

# Both halves are learned from: short mails about firms, and the files of hands who were measured often and then followed by a fresh one.
WHOLLY_OPEN = frozenset(
    {*(f"hand_{hand}" for hand in "bcdeghijm"), *(f"answers_{hand}" for hand in "abde"), *(f"firms_{hand}" for hand in "ab")}
)


def is_held_back(case_id: str) -> bool:
    """Whether a case belongs to the half that measures: CRC-32 of its id is odd."""
    return crc32(case_id.encode()) % 2 == 1
