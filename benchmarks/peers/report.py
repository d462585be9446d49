"""What was measured as Markdown: each question at each size, the ratios, the growth, start and memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.peers.measure import MEASURED, Round

PEERS = ("bare", "Eve")
NAMES = ("ours", *PEERS)


@dataclass(frozen=True, slots=True)
class Measured:
    """All of one run: the rounds by number of diaries, seconds to start, MiB of a worker."""

    rounds: Mapping[int, Sequence[Mapping[str, Round]]]
    starts: Mapping[str, Sequence[float]]
    memory: Mapping[str, float]


def report(measured: Measured) -> str:
    """Write the tables."""
    return "\n".join(
        [
            *_answers(measured),
            "",
            *_ratios(measured),
            "",
            *_growth(measured),
            "",
            *_processes(measured),
        ]
    )


def _answers(measured: Measured) -> Iterator[str]:
    yield "Median of the rounds (least to most):"
    yield ""
    yield "| diaries | question | of | requests/s | p50 ms | p99 ms |"
    yield "|---|---|---|---|---|---|"
    for size, rounds in measured.rounds.items():
        for question in MEASURED:
            for name in NAMES:
                found = [each[name][question] for each in rounds]
                cells = [
                    _spread([one.per_second for one in found], 1),
                    _spread([one.p50 for one in found], 1),
                    _spread([one.p99 for one in found], 1),
                ]
                yield f"| {size:,} | {question} | {name} | {' | '.join(cells)} |"


def _ratios(measured: Measured) -> Iterator[str]:
    yield "Ours to each, of the same round: how many times its p50 and p99, and its share of requests/s:"
    yield ""
    yield "| diaries | question | to | p50 | p99 | requests/s |"
    yield "|---|---|---|---|---|---|"
    for size, rounds in measured.rounds.items():
        for question in MEASURED:
            for peer in PEERS:
                pairs = [(each["ours"][question], each[peer][question]) for each in rounds]
                cells = [
                    _spread([ours.p50 / other.p50 for ours, other in pairs], 2),
                    _spread([ours.p99 / other.p99 for ours, other in pairs], 2),
                    _spread([ours.per_second / other.per_second for ours, other in pairs], 2),
                ]
                yield f"| {size:,} | {question} | {peer} | {' | '.join(cells)} |"


def _growth(measured: Measured) -> Iterator[str]:
    sizes = list(measured.rounds)
    yield "p50 in ms as the collections grow, and the last to the first:"
    yield ""
    yield f"| question | of | {' | '.join(f'{size:,}' for size in sizes)} | ratio |"
    yield f"|---|---|{'---|' * len(sizes)}---|"
    for question in MEASURED:
        for name in NAMES:
            p50 = [_p50(rounds, name, question) for rounds in measured.rounds.values()]
            cells = " | ".join(f"{value:.1f}" for value in p50)
            yield f"| {question} | {name} | {cells} | {p50[-1] / p50[0]:.2f} |"


def _processes(measured: Measured) -> Iterator[str]:
    yield "| of | process start to the first work list, s | memory of a worker after the load (PSS), MiB |"
    yield "|---|---|---|"
    for name in NAMES:
        yield f"| {name} | {_spread(measured.starts[name], 2)} | {measured.memory[name]:.0f} |"


def _p50(rounds: Sequence[Mapping[str, Round]], name: str, question: str) -> float:
    return median(each[name][question].p50 for each in rounds)


def _spread(values: Sequence[float], digits: int) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
