"""Every table there is: how it is counted, and how it becomes a sheet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.files.sheet import Sheet
from backend.tables import sheets
from backend.tables.exposure_rates import exposure_rates
from backend.tables.first_event import first_events
from backend.tables.incidence import incidence
from backend.tables.population import Asked
from backend.tables.strata import strata


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `count` gets what is asked and a single term (None: any), where the table knows one."""

    name: str
    title: str
    count: Callable[[Asked, str | None], Any]
    sheet: Callable[[Any, Asked], Sheet]


INCIDENCE = Table(
    "incidence",
    "Incidence by SOC and term",
    lambda asked, _: incidence(asked),
    sheets.incidence_sheet,
)
EXPOSURE_RATES = Table(
    "exposure-rates",
    "Exposure-adjusted incidence rates",
    lambda asked, _: exposure_rates(asked),
    sheets.rates_sheet,
)
FIRST_EVENT = Table(
    "first-event", "Time to the first event", first_events, sheets.first_events_sheet
)
STRATA = Table(
    "strata",
    "Rates within the strata (MRF)",
    lambda asked, _: strata(asked),
    sheets.strata_sheet,
)
TABLES = (INCIDENCE, EXPOSURE_RATES, FIRST_EVENT, STRATA)
