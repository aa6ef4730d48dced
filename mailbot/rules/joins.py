"""Two tickets that are one case: the younger lives on in the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailbot.model.facts import Facts, Impact
from mailbot.model.plan import Plan
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import sla
from mailbot.rules.acts import Refused, end_questions
from mailbot.rules.planning import Planning

_WORST_FIRST = tuple(Impact)
_NAME = ("first_name", "last_name")


def join_tickets(source: Ticket, target: Ticket, actor: str, service: Service, now: datetime) -> tuple[Plan, Plan]:
    """The plans that close `source` into `target`: its facts fill the gaps there, the earlier start and the worse impact count,
    mails follow.

    Raises Refused where they cannot be joined: nothing open may end up in something closed.
    """
    if source.id == target.id:
        raise Refused(f"{source.number}: nie można połączyć zgłoszenia z nim samym")
    if source.merged_into or target.merged_into:
        merged = source if source.merged_into else target
        raise Refused(f"{merged.number} jest już połączone z {merged.merged_into}")
    if target.status is Status.CLOSED and source.status is not Status.CLOSED:
        raise Refused(f"{target.number} jest zamknięte, a {source.number} nie: najpierw mailbot ticket reopen {target.number}")
    into = Planning(target, service, now, f"merge:{source.id}:{target.id}")
    into.change(
        facts=_filled(target.facts, source.facts),
        flags=target.flags | source.flags,
        participants=target.participants | source.participants,
        links=tuple(dict.fromkeys((*target.links, source.number))),
    )
    if target.status in (Status.OPEN, Status.WAITING, Status.REVIEW):
        _join_clocks(into, source, now)
    into.note("merged", f"{source.number} was merged into this ticket", actor)
    gone = Planning(source, service, now, f"merged:{source.id}:{target.id}")
    gone.turn(Status.CLOSED)
    gone.change(
        merged_into=target.number,
        closed_at=now,
        closed_why=f"merged into {target.number}",
        asked=(),
        asked_at=None,
        cycle=sla.resume(source.cycle, now),
    )
    gone.note("merged", f"merged into {target.number}", actor)
    return into.finish(), gone.finish()


def _filled(facts: Facts, others: Facts) -> Facts:
    """What is known of the one, with what only the other tells, and the worse impact; a name is never put together from two people's."""
    given = {name: fact for name, fact in others.found() if getattr(facts, name) is None}
    whole = others.first_name and others.last_name
    if facts.first_name or facts.last_name:
        given = {name: fact for name, fact in given.items() if name not in _NAME}
    if whole and not (facts.first_name and facts.last_name):
        given |= {name: fact for name, fact in others.found() if name in _NAME}
    if others.impact and facts.impact and _WORST_FIRST.index(Impact(others.impact.value)) < _WORST_FIRST.index(Impact(facts.impact.value)):
        given["impact"] = others.impact
    return replace(facts, **given)


def _join_clocks(into: Planning, source: Ticket, now: datetime) -> None:
    """The earlier start and the worse level count; what is known now is not asked any more."""
    ticket = into.ticket
    cycle = replace(ticket.cycle, started_at=min(source.cycle.started_at, ticket.cycle.started_at))
    into.change(cycle=sla.change_impact(cycle, into.service, ticket.facts.impact_level or ticket.impact, now))
    still = tuple(item for item in ticket.asked if item in ticket.missing)
    if ticket.asked and not still:
        end_questions(into)
    else:
        into.change(asked=still)
