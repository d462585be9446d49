"""Whom an unanswered alert rings, after how long, and whom next: policies of the study; pure."""

import datetime as dt
from dataclasses import dataclass

# Whom a step may name: on duty, then everybody of the role at the site, then the study's own desk.
DUTY_NURSE, DUTY_INVESTIGATOR = "duty_nurse", "duty_investigator"
SITE_NURSES, SITE_INVESTIGATORS = "site_nurses", "site_investigators"
SAFETY_DESK = "safety_desk"
RECIPIENTS = (DUTY_NURSE, DUTY_INVESTIGATOR, SITE_NURSES, SITE_INVESTIGATORS, SAFETY_DESK)
# Who is asked where a step finds nobody.
FALLBACK = {
    DUTY_NURSE: SITE_NURSES,
    DUTY_INVESTIGATOR: SITE_INVESTIGATORS,
    SITE_NURSES: SITE_INVESTIGATORS,
    SITE_INVESTIGATORS: SAFETY_DESK,
}


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Whom to ring, `after` the alert rang first and nobody took it."""

    after: dt.timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """How one tier is followed until somebody takes it.

    No steps: it waits on the work list and comes with the digest. `repeat_every`: the last step
    again and again. `snooze_at_most` None: it cannot be snoozed. `quiet`: rings after the site's
    quiet hours, not in them.
    """

    steps: tuple[EscalationStep, ...] = ()
    repeat_every: dt.timedelta | None = None
    snooze_at_most: dt.timedelta | None = None
    quiet: bool = False

    def step(self, number: int) -> EscalationStep | None:
        """Give the step after `number` were taken; the last one again where the policy repeats."""
        if number < len(self.steps):
            return self.steps[number]
        return self.steps[-1] if self.steps and self.repeat_every is not None else None

    def due_at(self, number: int, rung_at: dt.datetime) -> dt.datetime | None:
        """Give when the step after `number` is due; None where there is none."""
        if number < len(self.steps):
            return rung_at + self.steps[number].after
        if not self.steps or self.repeat_every is None:
            return None
        again = number - len(self.steps) + 1
        return rung_at + self.steps[-1].after + again * self.repeat_every
