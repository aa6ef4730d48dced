"""What every step needs, built once by the composition root."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailbot.clock import Clock
from mailbot.model.letter import Draft, Outgoing
from mailbot.model.plan import Enqueue, Plan, Suppress
from mailbot.model.service import Service
from mailbot.rules.compose import compose
from mailbot.rules.signing import Signer
from mailbot.rules.templates import Templates
from mailbot.store.engine import Database


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

    def render(self, plan: Plan, at: datetime) -> dict[str, Outgoing]:
        """Every draft of a plan as a finished mail, by its key: rendered before the commit, so that a retry is byte-identical."""
        drafts = {draft.key: draft for draft in _drafts(plan)}
        return {key: compose(draft, self.templates, self.service, self.signer, self.mark, at) for key, draft in drafts.items()}


def _drafts(plan: Plan) -> Iterable[Draft]:
    for effect in plan.effects:
        if isinstance(effect, Enqueue):
            yield effect.draft
            yield from effect.otherwise
        elif isinstance(effect, Suppress):
            yield effect.draft
