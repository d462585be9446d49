"""SDTM DM, DS, EX, AE and their supplemental qualifiers."""

from collections.abc import Iterator, Mapping

from backend.analysis.subjects import AnalysisSubject, Course, DoseTaken
from backend.clinical.milestones import TELL_THE_ARM
from backend.submission.source import Row, Source, epoch, iso, study_day, yes
from backend.submission.validate import LONGEST_NAME, pieces

_SEX = {"male": "M", "female": "F"}
_ROUTES = {"infusion": "INTRAVENOUS", "oral": "ORAL", "radiation": "EXTERNAL BEAM"}
# Milestone -> standard term and category (CDISC codelists PROTMLST and NCOMPLT, else the sponsor's own).
_MILESTONES = {
    "randomised": ("RANDOMIZED", "PROTOCOL MILESTONE"),
    "off_study": ("OTHER", "DISPOSITION EVENT"),
}
_SERIOUSNESS = {
    "AESCONG": "congenital_anomaly",
    "AESDISAB": "disability",
    "AESDTH": "death",
    "AESHOSP": "hospitalisation",
    "AESLIFE": "life_threatening",
    "AESMIE": "medically_important",
}
MACHINE, INVESTIGATOR = "MACHINE", "INVESTIGATOR"


def demographics(source: Source) -> Iterator[Row]:
    """Give DM; what is not collected (age, country) stays missing."""
    for subject in source.subjects.values():
        arm = source.study.arms[subject.arm]
        planned = (subject.arm, arm.title) if source.unblinded else (None, None)
        actual = planned if subject.treated else (None, None)
        yield source.identified("DM", subject) | {
            "SUBJID": subject.id,
            "RFSTDTC": iso(subject.first_dose),
            "RFENDTC": iso(subject.last_dose),
            "RFXSTDTC": iso(subject.first_dose),
            "RFXENDTC": iso(subject.last_dose),
            "DTHDTC": iso(subject.died_on),
            "DTHFL": yes(subject.died_on is not None),
            "SITEID": subject.site,
            "SEX": _SEX.get(subject.sex or "", "U"),
            "ARMCD": planned[0],
            "ARM": planned[1],
            "ACTARMCD": actual[0],
            "ACTARM": actual[1],
            "DMDTC": iso(subject.enrolled_on),
        }


def disposition(source: Source) -> Iterator[Row]:
    """Give DS: each milestone; blinded without those whose order tells the arm."""
    for subject in source.subjects.values():
        known = [
            (day, kind)
            for kind, day in subject.milestones.items()
            if source.unblinded or kind not in TELL_THE_ARM
        ]
        if subject.died_on is not None:
            known.append((subject.died_on, "death"))
        for number, (day, kind) in enumerate(sorted(known), start=1):
            words = kind.replace("_", " ").upper()
            died = ("DEATH", "DISPOSITION EVENT") if kind == "death" else (words, "OTHER EVENT")
            decoded, category = _MILESTONES.get(kind, died)
            yield source.identified("DS", subject) | {
                "DSSEQ": number,
                "DSTERM": words,
                "DSDECOD": decoded,
                "DSCAT": category,
                "EPOCH": epoch(day, subject),
                "DSSTDTC": iso(day),
                "DSSTDY": study_day(day, subject),
            }


def exposure(source: Source) -> Iterator[Row]:
    """Give EX: what was given or taken; an end that is missing: still taken."""
    for subject in source.subjects.values():
        for number, dose in enumerate(subject.doses, start=1):
            component = source.study.components[dose.component]
            oral = component.route == "oral"
            yield source.identified("EX", subject) | {
                "EXSEQ": number,
                "EXSPID": dose.id,
                "EXTRT": component.name.upper(),
                "EXDOSE": float(dose.dose),
                "EXDOSU": dose.unit,
                # A dose by mouth is recorded per day, however often it is taken.
                "EXDOSFRQ": "QD" if oral else "ONCE",
                "EXROUTE": _ROUTES[component.route],
                # What does not fit goes on in SUPPEX (SDTMIG 4.5.3.2).
                "EXADJ": next(iter(pieces(dose.reason)), None),
                "EPOCH": epoch(dose.first, subject),
                "EXSTDTC": iso(dose.first),
                "EXENDTC": iso(dose.last),
                "EXSTDY": study_day(dose.first, subject),
                "EXENDY": study_day(dose.last, subject),
            }


def adverse_events(source: Source) -> Iterator[Row]:
    """Give AE: every course that a clinician has not judged to be none.

    Grade, seriousness, causality, action and outcome are the clinician's alone; what the machine said
    is in SUPPAE.
    """
    for subject in source.subjects.values():
        for number, course in numbered(subject):
            said = course.seriousness
            seriousness = {
                name: None if not course.judged else "Y" if criterion in said else "N"
                for name, criterion in _SERIOUSNESS.items()
            }
            ongoing = course.end is None
            yield source.identified("AE", subject) | {
                "AESEQ": number,
                "AESPID": course.id,
                "AETERM": course.term.upper(),
                "AEDECOD": course.term,
                "AEPTCD": int(course.meddra_code),
                "AEBODSYS": course.soc,
                "AESER": None if course.serious is None else "Y" if course.serious else "N",
                "AEACN": one_word(course.actions),
                "AEREL": one_word(course.relations),
                "AEOUT": course.outcome,
                **seriousness,
                "AETOXGR": str(course.grade) if course.judged else None,
                "EPOCH": epoch(course.onset, subject),
                "AESTDTC": iso(course.onset),
                "AEENDTC": iso(course.end),
                "AESTDY": study_day(course.onset, subject),
                "AEENDY": study_day(course.end, subject),
                "AEENRTPT": "ONGOING" if ongoing else None,
                "AEENTPT": iso(source.frame.as_of) if ongoing else None,
            }


def numbered(subject: AnalysisSubject) -> Iterator[tuple[int, Course]]:
    """Give the courses that are adverse events with their sequence number, by onset and record."""
    courses = sorted(subject.courses, key=lambda course: (course.onset, course.id))
    return enumerate((course for course in courses if course.grade), start=1)


def supplemental_dm(source: Source) -> Iterator[Row]:
    """Give SUPPDM: the stratum."""
    for subject in source.subjects.values():
        yield from qualifiers(
            source, subject, ("DM", None, None), [("MRF", "MRF at Randomization", subject.mrf, "")]
        )


def supplemental_ex(source: Source) -> Iterator[Row]:
    """Give SUPPEX: cycle, fraction, and how a dose differed from the plan."""
    for subject in source.subjects.values():
        for number, dose in enumerate(subject.doses, start=1):
            yield from qualifiers(source, subject, ("EX", "EXSEQ", number), list(_of_dose(dose)))


def supplemental_ae(source: Source) -> Iterator[Row]:
    """Give SUPPAE: what the machine said, and the clinician's word on each component."""
    for subject in source.subjects.values():
        for number, course in numbered(subject):
            related = ("AE", "AESEQ", number)
            yield from qualifiers(source, subject, related, list(_of_course(course, source)))


def _of_dose(dose: DoseTaken) -> Iterator[tuple[str, str, str, str]]:
    if dose.cycle is not None:
        yield "CYCLE", "Cycle", str(dose.cycle), ""
    if dose.fraction is not None:
        yield "FRACTION", "Fraction of Radiotherapy", str(dose.fraction), ""
    yield "CHANGE", "Difference from the Planned Dose", dose.change, ""
    for number, part in enumerate(pieces(dose.reason)[1:], start=1):
        yield further("EXADJ", number), "Reason for Dose Adjustment", part, ""


def _of_course(course: Course, source: Source) -> Iterator[tuple[str, str, str, str]]:
    if course.provisional is not None:
        yield "PROVGR", "Worst Provisional CTCAE Grade", str(course.provisional), MACHINE
    if course.immune_related is not None:
        said = "Y" if course.immune_related else "N"
        yield "IRAE", "Immune-Related", said, INVESTIGATOR
    if course.special_interest is not None:
        said = "Y" if course.special_interest else "N"
        yield "AESI", "Of Special Interest", said, INVESTIGATOR
    if course.flags:
        yield "FLAGS", "Flags Raised With It", "; ".join(course.flags), MACHINE
    if course.causes:
        yield "CAUSES", "Candidate Causes Ranked", "; ".join(course.causes), MACHINE
    for number, component in enumerate(source.study.components, start=1):
        short = component[:24].title()
        if component in course.relations:
            yield f"AEREL{number}", f"Causality, {short}", course.relations[component], INVESTIGATOR
        if component in course.actions:
            yield (
                f"AEACN{number}",
                f"Action Taken, {short}",
                course.actions[component],
                INVESTIGATOR,
            )


def qualifiers(
    source: Source,
    subject: AnalysisSubject,
    related: tuple[str, str | None, int | None],
    found: list[tuple[str, str, str, str]],
) -> Iterator[Row]:
    """Give the supplemental rows of one record: name, label, value and evaluator of each.

    `related` are the domain, its identifying variable and that one's value. A value that does not fit
    goes on under the next name (SDTMIG 4.5.3.2).
    """
    domain, variable, number = related
    for name, label, value, evaluator in found:
        for place, part in enumerate(pieces(value)):
            yield {
                "STUDYID": source.study_id,
                "RDOMAIN": domain,
                "USUBJID": source.usubjid(subject),
                "IDVAR": variable,
                "IDVARVAL": None if number is None else str(number),
                "QNAM": further(name, place),
                "QLABEL": label,
                "QVAL": part,
                "QORIG": "ASSIGNED" if evaluator == MACHINE else "CRF",
                "QEVAL": evaluator or None,
            }


def further(name: str, place: int) -> str:
    """Give the name under which a value goes on: the name itself first, then with a number, 8 letters."""
    number = str(place) if place else ""
    return f"{name[: LONGEST_NAME - len(number)]}{number}"


def one_word(words: Mapping[str, str]) -> str | None:
    """Give the word that was said of every component, else MULTIPLE (SDTMIG 4.2.8)."""
    different = set(words.values())
    if not different:
        return None
    return next(iter(different)) if len(different) == 1 else "MULTIPLE"
