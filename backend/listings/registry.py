"""Every listing there is; a new one needs a module of its own and a line here."""

from backend.listings.adverse_events import ADVERSE_EVENTS
from backend.listings.alerts import ALERT_LADDER, ALERT_RESPONSE, RULE_PRECISION
from backend.listings.audit_review import AUDIT_REVIEW
from backend.listings.base import Listing
from backend.listings.compliance import DIARY_COMPLIANCE
from backend.listings.diary_windows import DIARY_WINDOWS
from backend.listings.disagreements import DISAGREEMENTS
from backend.listings.dose_changes import DOSE_CHANGES
from backend.listings.events_of_concern import IMMUNE_RELATED, SERIOUS, SPECIAL_INTEREST
from backend.listings.grades import GRADES
from backend.listings.lab_results import LAB_RESULTS
from backend.listings.lab_shifts import LAB_SHIFTS
from backend.listings.pro_scores import PRO_SCORES
from backend.listings.reporting_deviations import REPORTING_DEVIATIONS
from backend.listings.toxicity_flags import TOXICITY_FLAGS

LISTINGS: tuple[Listing, ...] = (
    ADVERSE_EVENTS,
    SERIOUS,
    SPECIAL_INTEREST,
    IMMUNE_RELATED,
    TOXICITY_FLAGS,
    GRADES,
    DISAGREEMENTS,
    DOSE_CHANGES,
    LAB_SHIFTS,
    LAB_RESULTS,
    PRO_SCORES,
    DIARY_COMPLIANCE,
    DIARY_WINDOWS,
    ALERT_LADDER,
    ALERT_RESPONSE,
    RULE_PRECISION,
    REPORTING_DEVIATIONS,
    AUDIT_REVIEW,
)
