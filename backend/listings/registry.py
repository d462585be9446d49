"""Every listing there is; a new one needs a module of its own and a line here."""

from backend.listings.adverse_events import ADVERSE_EVENTS
from backend.listings.alerts import ALERT_LADDER, ALERT_RESPONSE, RULE_PRECISION
from backend.listings.base import Listing
from backend.listings.disagreements import DISAGREEMENTS

LISTINGS: tuple[Listing, ...] = (
    ADVERSE_EVENTS,
    DISAGREEMENTS,
    ALERT_LADDER,
    ALERT_RESPONSE,
    RULE_PRECISION,
)
