"""Alert response times: by tier, which share was answered within so many minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.models.alert import TIER_RANK, stream_alerts
from backend.pictures.asked import PictureAsked
from backend.pictures.style import BLUE, GREEN, INK, ORANGE, VERMILION, legend, nothing, plate

_STYLES = {
    "emergency": (VERMILION, "-"),
    "urgent": (ORANGE, "--"),
    "same_day": (BLUE, "-."),
    "routine": (GREEN, ":"),
}
_SECONDS = 60
_TICKS = {1: "1 min", 5: "5 min", 15: "15 min", 60: "1 h", 240: "4 h", 1440: "1 d", 10080: "1 wk"}


@dataclass(frozen=True, slots=True)
class Responses:
    """The minutes until an alert of a tier was taken, in order, and how many wait for it still."""

    minutes: tuple[float, ...]
    waiting: int
    allowed: float | None


def read_responses(asked: PictureAsked) -> Mapping[str, Responses]:
    """Read the alerts of the sites by tier, the most dangerous first."""
    taken: dict[str, list[float]] = {}
    waiting: dict[str, int] = {}
    allowed: dict[str, float] = {}
    for alert in stream_alerts(asked.frame, asked.sites):
        tier, raised = alert["tier"], alert["raised_at"]
        answered = alert.get("acknowledged_at")
        if alert.get("event_id") is None:
            limit = (alert["acknowledge_by"] - raised).total_seconds() / _SECONDS
            allowed[tier] = min(allowed.get(tier, limit), limit)
        if answered is None:
            waiting[tier] = waiting.get(tier, 0) + 1
        else:
            taken.setdefault(tier, []).append((answered - raised).total_seconds() / _SECONDS)
    tiers = sorted({*taken, *waiting}, key=lambda tier: TIER_RANK[tier])
    return {
        tier: Responses(tuple(sorted(taken.get(tier, []))), waiting.get(tier, 0), allowed.get(tier))
        for tier in tiers
    }


def draw_responses(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw a rising line for each tier; alerts that wait count in the whole, so a line may end below."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - a second that no other request pays

    found = read_responses(asked)
    count = sum(len(each.minutes) + each.waiting for each in found.values())
    figure, (axis,) = plate(
        "Time from a diary to an answer",
        asked.facts(f"All alerts: {count}"),
        (
            (
                "Share of all alerts of the tier that a person had taken within the time; those still waiting are in the "
                "whole. A short stroke on a line: the time that the tier allows."
            ),
        ),
        height=3.4,
    )
    if not count:
        nothing(axis, "No alert has been raised.")
        return figure
    handles = []
    for tier, each in found.items():
        colour, style = _STYLES.get(tier, (INK, "-"))
        whole = len(each.minutes) + each.waiting
        times = [max(minute, 0.1) for minute in each.minutes]
        shares = [100 * (n + 1) / whole for n in range(len(times))]
        end = max([*times, float(max(_TICKS))])
        axis.step(
            [0.1, *times, end],
            [0, *shares, shares[-1] if shares else 0],
            where="post",
            color=colour,
            linestyle=style,
            linewidth=1.8,
        )
        if each.allowed:
            within = 100 * sum(minute <= each.allowed for minute in each.minutes) / whole
            axis.plot(each.allowed, within, "|", color=colour, markersize=14, markeredgewidth=2)
        label = f"{tier.replace('_', ' ')}: {len(times)} taken, {each.waiting} waiting"
        handles.append(Line2D([], [], color=colour, linestyle=style, label=label))
    axis.set_xscale("log")
    axis.set_xticks(list(_TICKS), list(_TICKS.values()))
    axis.minorticks_off()
    axis.set_ylim(0, 104)
    axis.set_ylabel("Taken, %", fontsize=8)
    axis.set_xlabel("Time since the diary was received", fontsize=8)
    legend(axis, handles)
    return figure
