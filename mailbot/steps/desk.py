"""What every step needs, built once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.clock import Clock
from mailbot.model.letter import Draft, Outgoing
from mailbot.model.plan import Plan
from mailbot.model.service import Service
from mailbot.rules.compose import compose
from mailbot.rules.signing import Signer
from mailbot.rules.templates import Templates
from mailbot.store.apply import Applied, apply
from mailbot.store.engine import Connection, Database


@dataclass(frozen=True, slots=True)
class Desk:
    """The house as the steps see it: database, rules' configuration, templates, key, clock, and who this machine is."""

    database: Database
    service: Service
    templates: Templates
    signer: Signer
    mark: str  # the installation's id in our loop header
    holder: str  # this process's machine and state folder, for leases
    clock: Clock

    def carry_out(self, connection: Connection, plan: Plan, now: datetime) -> Applied:
        """Write a plan in the caller's transaction; its letters are rendered before they are stored, so that a retry is byte-identical."""
        return apply(connection, plan, lambda draft: self.render(draft, now), limits=self.service.limits, now=now)

    def render(self, draft: Draft, at: datetime) -> Outgoing:
        """A draft as a finished mail."""
        return compose(draft, self.templates, self.service, self.signer, self.mark, at)
