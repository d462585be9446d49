"""eDISH: each patient's highest transaminase against the highest bilirubin, in multiples of the limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.models.lab import stream_results
from backend.pictures.asked import PictureAsked
from backend.pictures.style import BLUE, GREY, INK, ORANGE, VERMILION, legend, nothing, plate

# FDA guidance on drug-induced liver injury, July 2009, IV.A.1 (Hy's law).
ALT_TIMES, BILIRUBIN_TIMES, ALP_TIMES = 3, 2, 2
_LABELLED = 12


@dataclass(frozen=True, slots=True)
class Peak:
    """One patient's highest values after the first dose, in multiples of their upper limits."""

    subject_id: str
    transaminase: float
    bilirubin: float
    alp: float | None

    @property
    def is_in_hys_quadrant(self) -> bool:
        """Tell whether both lie above Hy's lines."""
        return self.transaminase >= ALT_TIMES and self.bilirubin >= BILIRUBIN_TIMES


@dataclass(frozen=True, slots=True)
class HysLaw:
    """The patients who have both; `without`: treated, and one of them is missing or has no limit."""

    peaks: tuple[Peak, ...]
    without: int


def read_hys_law(asked: PictureAsked) -> HysLaw:
    """Read the peaks of every treated patient."""
    treated = {one.id: one for one in asked.subjects() if one.first_dose is not None}
    highest: dict[str, dict[str, Decimal]] = {number: {} for number in treated}
    for stored in stream_results(asked.frame, asked.sites):
        subject = treated.get(stored["subject_id"])
        analyte = stored["analyte"]
        if subject is None or analyte not in ("alt", "ast", "alp", "bilirubin"):
            continue
        limit = stored.get("uln")
        if limit is None or stored["day"] < str(subject.first_dose):
            continue
        times = stored["value"].to_decimal() / limit.to_decimal()
        kind = "transaminase" if analyte in ("alt", "ast") else analyte
        own = highest[subject.id]
        own[kind] = max(own.get(kind, times), times)
    peaks = tuple(
        _peak(number, own)
        for number, own in highest.items()
        if {"transaminase", "bilirubin"} <= own.keys()
    )
    return HysLaw(peaks, len(treated) - len(peaks))


def _peak(number: str, own: Mapping[str, Decimal]) -> Peak:
    alp = own.get("alp")
    return Peak(
        number,
        float(own["transaminase"]),
        float(own["bilirubin"]),
        None if alp is None else float(alp),
    )


def draw_hys_law(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw one mark a patient on logarithmic axes, with Hy's lines and quadrants named."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - a second that no other request pays

    found = read_hys_law(asked)
    figure, (axis,) = plate(
        "Highest transaminase and bilirubin (eDISH)",
        asked.facts(
            f"Safety population; {len(found.peaks)} patients with both, {found.without} without one of them"
        ),
        (
            (
                "Highest value of each after the first dose, not of one day. Lines: 3 times the limit of ALT or AST, "
                "2 times the limit of bilirubin (FDA guidance on drug-induced liver injury, 2009)."
            ),
            (
                "The upper right quadrant asks for a review of the case: it is not a diagnosis. Square: ALP reached 2 "
                "times its limit; ring: ALP is not known."
            ),
        ),
        height=4.4,
    )
    if not found.peaks:
        nothing(axis, "Nobody has both results with their limits.")
        return figure
    axis.set_xscale("log")
    axis.set_yscale("log")
    for peak in found.peaks:
        cholestatic = peak.alp is not None and peak.alp >= ALP_TIMES
        axis.plot(
            peak.transaminase,
            peak.bilirubin,
            "s" if cholestatic else "o",
            color=VERMILION if peak.is_in_hys_quadrant else BLUE,
            fillstyle="none" if peak.alp is None else "full",
            markersize=6,
        )
    named = sorted(found.peaks, key=lambda peak: -peak.transaminase * peak.bilirubin)
    for peak in named[:_LABELLED]:
        if peak.transaminase >= ALT_TIMES or peak.bilirubin >= BILIRUBIN_TIMES:
            axis.annotate(
                peak.subject_id,
                (peak.transaminase, peak.bilirubin),
                xytext=(4, 4),
                textcoords="offset points",
                fontsize=6,
            )
    axis.axvline(ALT_TIMES, color=INK, linestyle="--", linewidth=0.8)
    axis.axhline(BILIRUBIN_TIMES, color=INK, linestyle="--", linewidth=0.8)
    axis.set_xlim(0.1, max(30.0, 1.3 * max(peak.transaminase for peak in found.peaks)))
    axis.set_ylim(0.1, max(10.0, 1.3 * max(peak.bilirubin for peak in found.peaks)))
    ticks = (0.1, 0.3, 1, 3, 10, 30)
    axis.set_xticks(ticks, [str(tick) for tick in ticks])
    axis.set_yticks((0.1, 0.5, 1, 2, 5, 10), ["0.1", "0.5", "1", "2", "5", "10"])
    axis.minorticks_off()
    axis.set_xlabel("Highest ALT or AST, times the upper limit", fontsize=8)
    axis.set_ylabel("Highest total bilirubin, times the upper limit", fontsize=8)
    for x, y, text in (
        (0.98, 0.97, "Hy's law: review"),
        (0.02, 0.97, "cholestasis"),
        (0.98, 0.03, "Temple's corollary"),
    ):
        axis.text(
            x,
            y,
            text,
            transform=axis.transAxes,
            ha="right" if x > 1 / 2 else "left",
            va="top" if y > 1 / 2 else "bottom",
            fontsize=8,
            color=GREY,
        )
    legend(
        axis,
        [
            Line2D([], [], marker="o", color=BLUE, linestyle="", label="below a line"),
            Line2D([], [], marker="o", color=VERMILION, linestyle="", label="above both"),
            Line2D(
                [],
                [],
                marker="s",
                color=ORANGE,
                linestyle="",
                label="ALP 2 times its limit or more",
            ),
            Line2D(
                [],
                [],
                marker="o",
                color=BLUE,
                linestyle="",
                fillstyle="none",
                label="ALP not known",
            ),
        ],
    )
    return figure
