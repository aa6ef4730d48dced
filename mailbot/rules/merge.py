"""Facts of a ticket and those of a new mail become one: corrections win, guesses never overwrite what was stated."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailbot.model.facts import FACT_NAMES, Fact, Facts, Where

_TRUST = {where: rank for rank, where in enumerate(Where)}
_CONTACT = ("first_name", "last_name")


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that the merge changed; `old` is None when it was not known before."""

    name: str
    old: Fact | None
    new: Fact


def merge(old: Facts, new: Facts) -> tuple[Facts, tuple[Change, ...]]:
    """The facts after a mail, and what changed. Pure and idempotent: merging the same facts again changes nothing.

    An explicit correction wins, a filled form line wins, an implied level is replaced by a stated one or by a newer implied one; what a
    colleague set is overwritten only by a correction or a form line, a firm's name by a fuller form of it. Else what is known stays: the
    first description, and the contact, unless the mail names another person in so many words. The two halves of a name change together,
    and a whole name takes the place of half a one.
    """
    changes: list[Change] = []
    merged = old
    for name in FACT_NAMES:
        before, after = getattr(old, name), getattr(new, name)
        if name in _CONTACT or after is None or not _replaces(name, before, after):
            continue
        changes.append(Change(name, before, after))
        merged = replace(merged, **{name: after})
    merged, contact = _merge_contact(merged, new)
    return merged, (*contact, *changes)


def _replaces(name: str, before: Fact | None, after: Fact) -> bool:
    """Whether the new fact takes the place of the old one."""
    if before is None:
        return True
    if before.value == after.value and (before.stated or not after.stated):
        return False
    if after.correction or after.where in (Where.FORM, Where.STAFF):
        return True
    if before.where is Where.STAFF:
        return False
    if name == "impact":
        return after.stated or not before.stated
    if name == "company" and _is_fuller(before.value, after.value) and after.where is Where.TEXT:
        return True
    if name == "phone":
        return after.where is Where.TEXT and before.where is not Where.FORM
    return before.where in (Where.REGISTER, Where.SENDER) and _TRUST[after.where] < _TRUST[before.where]


def _is_fuller(before: str, after: str) -> bool:
    """Whether one form of a firm's name holds all words of the other: "Kadra-Print" and "Kadra-Print Sp. z o.o."."""
    return len(after) > len(before) and f" {before.casefold()} " in f" {after.casefold()} "


def _merge_contact(old: Facts, new: Facts) -> tuple[Facts, tuple[Change, ...]]:
    """First and last name: completed when it can be the same person, replaced only by a person who is named, never by who merely signs."""
    firsts, lasts = (old.first_name, new.first_name), (old.last_name, new.last_name)
    named = [fact for fact in (new.first_name, new.last_name) if fact]
    if not named:
        return old, ()
    explicit = any(fact.correction or fact.where in (Where.FORM, Where.STAFF, Where.TEXT) for fact in named)
    held_by_staff = any(fact and fact.where is Where.STAFF for fact in (old.first_name, old.last_name))
    if old.first_name and old.last_name:
        takes = (
            explicit
            and new.first_name is not None
            and new.last_name is not None
            and not (held_by_staff and not any(fact.correction or fact.where is Where.FORM for fact in named))
        )
    else:
        same = all(
            not before or not after or before.value.casefold()[:3] == after.value.casefold()[:3] for before, after in (firsts, lasts)
        )
        takes = same or (new.first_name is not None and new.last_name is not None)  # half a contact gives way to a whole one
    if not takes:
        return old, ()
    changes = []
    merged = old
    for name, (before, after) in zip(_CONTACT, (firsts, lasts), strict=True):
        if after and (before is None or before.value != after.value):
            changes.append(Change(name, before, after))
            merged = replace(merged, **{name: after})
    return merged, tuple(changes)
