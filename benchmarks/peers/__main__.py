"""`python -m benchmarks.peers`: ours beside bare Flask + pymongo and beside Eve, in one run.

    .venv/bin/python -m benchmarks.peers --out var/peers.md                  # 10^4 and 10^5 diaries
    .venv/bin/python -m benchmarks.peers --sizes 10000 100000 1000000 --fill-minutes 30
    .venv/bin/python -m benchmarks.peers --quick                             # a look: two minutes

One database server (MONGODB_URI's, or an embedded one of this run), one load generator, as many
workers and threads for each, every write acknowledged by w=majority, j=true. They take turns within
each round, and who begins changes. What each does for a request is not the same: ours checks the
token and the role, reads what is known, scores, grades, flags and decides alerts, and writes all that
follows with its audit entry in one transaction; Eve checks its schema and inserts; bare inserts. Of a
write concern Eve 2.3.1 takes `w` alone: `j` is then the server's own (with majority both servers wait
for the journal). Neither peer knows who asks.
"""

import argparse
import dataclasses
import datetime as dt
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from backend.demo.api import Api
from benchmarks.load import send_all
from benchmarks.peers.contenders import (
    ROOT,
    WORKERS,
    contenders,
    machine,
    seconds_to_first_answer,
    served,
)
from benchmarks.peers.fill import OPEN_ALERTS, PER_ALERT, Filler, indexed
from benchmarks.peers.measure import Load, Questions, rounds
from benchmarks.peers.report import Measured, report
from benchmarks.peers.templates import templates
from benchmarks.system import first_nurse, fresh_database, new_phone, run, today

PATIENTS = 40
SYMPTOMS = 20
# Days that are written about while measuring; what is filled in lies before them.
DAYS = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    sizes: tuple[int, ...]
    rounds: int
    starts: int
    load: Load
    fill_minutes: float


def main() -> None:
    """Measure, print and write."""
    plan, out = _asked()
    begun = time.monotonic()
    with fresh_database() as (environment, server), ExitStack() as stack:
        measured, filled = _measure(plan, environment, stack)
    text = "\n".join(
        [
            "# Beside bare Flask and Eve",
            "",
            f"{server}; {machine()}; {today().isoformat()}.",
            f"gunicorn, {WORKERS} workers of 12 threads each; {plan.load.connections} connections.",
            f"{plan.rounds} rounds of {plan.load.posts} diaries and {plan.load.reads} of each list.",
            f"{OPEN_ALERTS} open alerts, and a closed one per {PER_ALERT} diaries.",
            f"The whole took {time.monotonic() - begun:.0f} s. {filled}",
            "",
            report(measured),
            "",
        ]
    )
    print(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


def _measure(plan: Plan, environment: dict[str, str], stack: ExitStack) -> tuple[Measured, str]:
    all_three = contenders(ROOT / "var" / "eve")
    run([sys.executable, "-m", "backend.migrate"], environment)
    running = stack.enter_context(served(all_three, environment))
    ours = running[0].url
    nurse = first_nurse(ours, environment)
    phones = [new_phone(ours, nurse) for _ in range(PATIENTS)]
    asked = Api(ours, phones[0].token).get("/instruments/diary")["symptoms"][:SYMPTOMS]
    questions = Questions(phones, nurse.token or "", asked, DAYS)
    # A day of diaries warms everybody up, and what they stored is copied.
    for each in running:
        send_all(
            each.url, questions.post(PATIENTS)[each.contender.name], connections=4, seconds=120
        )
    database, diaries, alerts = templates(environment, all_three, running, nurse)
    for peer in all_three[1:]:
        indexed(database, peer)
    filler = Filler(
        database,
        all_three,
        diaries,
        alerts,
        tuple(phone.subject_id for phone in phones),
        today() - dt.timedelta(days=DAYS + 1),
    )
    filler.open_alerts()
    found = {}
    for size in plan.sizes:
        reached = filler.grow(size, plan.fill_minutes)
        print(f"{reached:,} diaries each; measuring", file=sys.stderr)
        found[reached] = list(rounds(running, questions, plan.load, plan.rounds))
    memory = {each.contender.name: each.worker_memory() for each in running}
    starts: dict[str, list[float]] = {each.name: [] for each in all_three}
    for _ in range(plan.starts):
        for each in all_three:
            starts[each.name].append(
                seconds_to_first_answer(each, questions.work_list(each.name), environment)
            )
    said = f"Filled with {3 * filler.filled / filler.seconds:.0f} diaries a second over all three."
    if filler.filled < plan.sizes[-1]:
        said += f" {plan.sizes[-1]:,} were not reached in {plan.fill_minutes:g} minutes."
    return Measured(found, starts, memory), said


def _asked() -> tuple[Plan, Path | None]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--posts", type=int, default=200, help="diaries in a round")
    parser.add_argument("--reads", type=int, default=200, help="of each list in a round")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--fill-minutes", type=float, default=10, help="at most, to each size")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--quick", action="store_true", help="8,000 and 16,000 diaries, two rounds")
    given = parser.parse_args()
    load = Load(given.posts, given.reads, given.connections, seconds=120)
    plan = Plan(tuple(sorted(given.sizes)), given.rounds, 5, load, given.fill_minutes)
    if given.quick:
        few = dataclasses.replace(load, posts=40, reads=40)
        plan = Plan((8_000, 16_000), 2, 1, few, 2)
    return plan, given.out


if __name__ == "__main__":
    main()
