"""Two tickets that are one case: the younger lives on in the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailbot.model.plan import Plan
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.acts import Refused
from mailbot.rules.merge import merge
from mailbot.rules.planning import Planning


def join_tickets(source: Ticket, target: Ticket, actor: str, service: Service, now: datetime) -> tuple[Plan, Plan]:
    """The plans that close `source` into `target`: its facts fill the gaps there, the earlier start counts, mails follow.

    Raises Refused where they cannot be joined.
    """
    if source.id == target.id:
        raise Refused(f"{source.number} cannot be merged into itself")
    if source.merged_into or target.merged_into:
        merged = source if source.merged_into else target
        raise Refused(f"{merged.number} was merged into {merged.merged_into} already")
    into = Planning(target, service, now, f"merge:{source.id}:{target.id}")
    facts, _ = merge(source.facts, target.facts)
    started = min(source.cycle.started_at, target.cycle.started_at)
    into.change(
        facts=facts,
        flags=target.flags | source.flags,
        participants=target.participants | source.participants,
        cycle=replace(target.cycle, started_at=started) if target.status is not Status.CLOSED else target.cycle,
        links=tuple(dict.fromkeys((*target.links, source.number))),
    )
    into.note("merged", f"{source.number} was merged into this ticket", actor)
    gone = Planning(source, service, now, f"merged:{source.id}:{target.id}")
    gone.turn(Status.CLOSED)
    gone.change(merged_into=target.number, closed_at=now, closed_why=f"merged into {target.number}", asked=(), asked_at=None)
    gone.note("merged", f"merged into {target.number}", actor)
    return into.finish(), gone.finish()
