"""The code systems of our resources: CTCAE by its MedDRA codes, PRO-CTCAE's item codes, UCUM, our own.

No LOINC code is invented: where our data have no sourced code, the code is ours.
"""

from typing import Any

MEDDRA = "http://terminology.hl7.org/CodeSystem/mdr"
UCUM = "http://unitsofmeasure.org"
CTCAE_GRADE = "urn:pro-ae:ctcae-4.03:grade"
PRO_CTCAE = "urn:pro-ae:pro-ctcae:item"
ANALYTE = "urn:pro-ae:analyte"
VITAL = "urn:pro-ae:vital"
SCORE = "urn:pro-ae:pro-ctcae:composite"
FINDING = "urn:pro-ae:finding"
COMPONENT = "urn:pro-ae:component"
RELATEDNESS = "urn:pro-ae:relatedness"
OUTCOME = "urn:pro-ae:outcome"
SUBJECT_NUMBER = "urn:pro-ae:subject"
CLINICIAN_GRADE = "urn:pro-ae:extension:clinician-grade"
PROVISIONAL_GRADE = "urn:pro-ae:extension:provisional-grade"
CRITERION = "urn:pro-ae:extension:seriousness-criterion"
SERIOUSNESS = "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def concept(system: str, code: str, text: str | None = None) -> dict[str, Any]:
    """Give a CodeableConcept of one code."""
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": text} if text else {})]}


def quantity(value: float, unit: str) -> dict[str, Any]:
    """Give a Quantity in a UCUM unit."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def patient(number: str) -> dict[str, Any]:
    """Give the reference to a subject; the number is all that is known of who it is."""
    return {"reference": f"Patient/{number}"}
