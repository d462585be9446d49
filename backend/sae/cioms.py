"""The draft of a serious event's report as a page that looks like the CIOMS form I."""

import datetime as dt
from collections.abc import Sequence
from typing import IO, Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from backend.files.pdf import LABEL, PLAIN, TITLE, marked, numbered
from backend.sae.draft import NOT_IN_DATA, SaeDraft

_WIDTH = A4[0] - 24 * mm
_BOX, _TICKED = "\u2610", "\u2611"
_CRITERIA = {
    "death": "patient died",
    "life_threatening": "life threatening",
    "hospitalisation": "in-patient hospitalisation, or prolonged",
    "disability": "persistent or significant disability or incapacity",
    "congenital_anomaly": "congenital anomaly",
    "medically_important": "other medically important condition",
}
_WARNING = (
    "DRAFT from the trial's data. Not sent to anybody: complete, check, sign and send it by the sponsor's "
    "own way. Provisional grades are a machine's."
)


def write_cioms(draft: SaeDraft, target: IO[bytes]) -> None:
    """Write the draft; the same draft gives the same bytes. What is not in the data is said to be so."""
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=18 * mm,
        title="Suspect adverse reaction report, draft",
        author="",
        invariant=1,
    )
    story: list[Any] = [
        _text("Suspect adverse reaction report (boxes as in CIOMS form I)", TITLE),
        _text(_WARNING, LABEL),
        Spacer(0, 2 * mm),
        *_reaction(draft),
        *_drugs(draft),
        *_history(draft),
        *_report(draft),
        _text("Not in the data, to be filled in by a person", LABEL),
        *[_text(f"{_BOX} {name}", PLAIN) for name in draft.missing],
    ]
    name = f"SAE draft {draft.event_id}, version {draft.event_rev}, blinded"
    document.build(story, canvasmaker=numbered(name, draft.drafted_at, A4))


def _reaction(draft: SaeDraft) -> list[Any]:
    provisional = "none" if draft.provisional_grade is None else str(draft.provisional_grade)
    described = (
        f"{draft.term} (CTCAE v4.03, code {draft.meddra_code}; {draft.soc}). Grade {draft.clinician_grade} "
        f"by the {draft.signed_as.replace('_', ' ')}; worst provisional grade {provisional}. "
        f"Outcome: {draft.outcome}. Immune-related: {_yes(draft.immune_related)}; of special interest: "
        f"{_yes(draft.special_interest)}. Reason given: {draft.reason}"
    )
    ticks = [
        f"{_TICKED if holds else _BOX} {_CRITERIA[name]}" for name, holds in draft.criteria.items()
    ]
    return [
        _text("I. Reaction information", LABEL),
        _grid(
            [
                [
                    _boxed("1. Patient", draft.subject_id),
                    _boxed("1a. Country", NOT_IN_DATA),
                    _boxed("2. Date of birth, 2a. age", NOT_IN_DATA),
                    _boxed("3. Sex", draft.sex or NOT_IN_DATA),
                    _boxed("3a. Weight at baseline", _with_unit(draft.weight_kg, "kg")),
                    _boxed("4-6. Onset", draft.onset.isoformat()),
                    _boxed("End", draft.end.isoformat() if draft.end else "ongoing"),
                ]
            ]
        ),
        _grid([[_boxed("7 and 13. Reaction, with relevant tests", described)]]),
        _grid([[_boxed("8-12. Seriousness, as judged", "\n".join(ticks))]]),
        _lines(
            ("Analyte", "Day", "Value", "Lower limit", "Upper limit"),
            [
                (
                    result.analyte,
                    result.day.isoformat(),
                    _with_unit(result.value, result.unit),
                    _plain(result.lln),
                    _plain(result.uln),
                )
                for result in draft.results
            ],
        ),
        Spacer(0, 2 * mm),
    ]


def _drugs(draft: SaeDraft) -> list[Any]:
    rows = [
        (
            drug.name,
            f"{drug.plan}\nlast given: {_with_unit(drug.last_dose, drug.unit)}",
            drug.route,
            f"{_plain(drug.first)} to {_plain(drug.last)} ({drug.doses})",
            _plain(drug.days_to_onset),
            drug.relation or NOT_IN_DATA,
            drug.action or NOT_IN_DATA,
        )
        for drug in draft.drugs
    ]
    heads = (
        "14. Suspect drug",
        "15. Dose: plan",
        "16. Route",
        "18. Days given (records)",
        "Days from dose to onset",
        "Relation, as judged",
        "Action taken",
    )
    return [
        _text("II. Suspect drugs", LABEL),
        _lines(heads, rows),
        _grid(
            [
                [
                    _boxed("17. Indication", draft.study_title),
                    _boxed("20-21. Dechallenge, rechallenge", NOT_IN_DATA),
                ]
            ]
        ),
        Spacer(0, 2 * mm),
    ]


def _history(draft: SaeDraft) -> list[Any]:
    return [
        _text("III. Concomitant drugs and history", LABEL),
        _grid(
            [
                [
                    _boxed("22. Concomitant drugs", NOT_IN_DATA),
                    _boxed("23. Baseline on record", "; ".join(draft.history) or NOT_IN_DATA),
                ],
                [
                    _boxed("Flags raised with it (machine)", ", ".join(draft.flags) or "none"),
                    _boxed(
                        "Candidate causes, ranked (machine)",
                        ", ".join(draft.candidate_causes) or "none",
                    ),
                ],
            ]
        ),
        Spacer(0, 2 * mm),
    ]


def _report(draft: SaeDraft) -> list[Any]:
    sent = "not yet" if draft.first_report_at is None else _moment(draft.first_report_at)
    judged = f"{_moment(draft.judged_at)} as {draft.signed_as.replace('_', ' ')}"
    if draft.earlier_judgements:
        judged += f"; judged {draft.earlier_judgements} times before"
    return [
        _text("IV. Report", LABEL),
        _grid(
            [
                [
                    _boxed("Study and site", f"{draft.study_id}, {draft.site}"),
                    _boxed("Site aware", _moment(draft.aware_at)),
                    _boxed("Due within 24 hours, by", _moment(draft.report_by)),
                    _boxed("First report sent", sent),
                    _boxed("Judged", judged),
                    _boxed("24b. Manufacturer's number", NOT_IN_DATA),
                ]
            ]
        ),
        Spacer(0, 2 * mm),
    ]


def _grid(rows: list[list[Any]]) -> Table:
    style = TableStyle(
        [
            ("BOX", (0, 0), (-1, -1), 0.6, colors.black),
            ("INNERGRID", (0, 0), (-1, -1), 0.4, colors.black),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return Table(rows, colWidths=[_WIDTH / len(rows[0])] * len(rows[0]), style=style)


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    cells = [[_text(head, LABEL) for head in heads]]
    cells += [[_text(value, PLAIN) for value in row] for row in rows]
    return _grid(cells)


def _boxed(name: str, value: str) -> list[Paragraph]:
    return [_text(name, LABEL), _text(value, PLAIN)]


def _text(text: str, style: Any) -> Paragraph:  # noqa: ANN401 - the library ships no types
    return Paragraph(marked(text), style)


def _with_unit(value: object, unit: str) -> str:
    return NOT_IN_DATA if value is None else f"{value} {unit}"


def _plain(value: object) -> str:
    return NOT_IN_DATA if value is None else str(value)


def _yes(value: bool) -> str:  # noqa: FBT001 - what is said of it
    return "yes" if value else "no"


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
