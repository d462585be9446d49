"""Every listing there is; a new one needs a module of its own and a line here."""

from backend.listings.adverse_events import ADVERSE_EVENTS
from backend.listings.alerts import ALERT_LADDER, ALERT_RESPONSE, RULE_PRECISION
from backend.listings.base import Listing
from backend.listings.compliance import DIARY_COMPLIANCE
from backend.listings.disagreements import DISAGREEMENTS
from backend.listings.events_of_concern import IMMUNE_RELATED, SERIOUS, SPECIAL_INTEREST

LISTINGS: tuple[Listing, ...] = (
    ADVERSE_EVENTS,
    SERIOUS,
    SPECIAL_INTEREST,
    IMMUNE_RELATED,
    DISAGREEMENTS,
    DIARY_COMPLIANCE,
    ALERT_LADDER,
    ALERT_RESPONSE,
    RULE_PRECISION,
)
