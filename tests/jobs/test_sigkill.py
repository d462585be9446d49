"""SIGKILL of the clock at random moments: nothing owed is lost, nothing settled is sent again."""

import random
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from pymongo.database import Database

from backend.context import system_clock
from jobs.process import WORKERS
from tests.jobs.clock_process import await_true, clock_process
from tests.jobs.conftest import Owe

KILLS = 6
PER_ROUND = 40
_LINE = re.compile(r" push urgent alert ([0-9a-f-]{36}) v0 to nurse-1$")


def sent(output: Path) -> Counter[str]:
    """Count what was sent, by alert; a line is written at once and so never torn."""
    counted: Counter[str] = Counter()
    for line in output.read_text(encoding="utf-8").splitlines():
        found = _LINE.search(line)
        assert found is not None, line
        counted[found[1]] += 1
    return counted


def kill_at_work(process: subprocess.Popen[bytes], output: Path, pause: float) -> None:
    """Kill the process `pause` seconds after the first push of this round."""
    before = output.stat().st_size
    await_true(lambda: output.stat().st_size > before, process=process)
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=20) == -signal.SIGKILL


def test_killed_clock_loses_nothing_and_repeats_nothing_settled(
    settings: dict[str, str], owe: Owe, database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    chance = random.Random(20261101)  # noqa: S311 - a seed, so that a failure can be had again
    outbox, output = database["outbox"], tmp_path / "pushes"
    owed: set[str] = set()
    settled: list[tuple[set[str], Counter[str]]] = []
    unsettled: list[int] = []
    for _ in range(KILLS):
        owed |= {owe(due_at=system_clock()).alert_id for _ in range(PER_ROUND)}
        with clock_process(settings, output) as process:
            kill_at_work(process, output, chance.uniform(0, 0.1))
        accepted = {one["alert_id"] for one in outbox.find({"state": "accepted"})}
        settled.append((accepted, sent(output)))
        unsettled.append(len(owed) - len(accepted))
        # A minute and a half passes: the dead clock's leases run out.
        outbox.update_many({"state": "leased"}, {"$set": {"due_at": system_clock()}})
    with clock_process(settings, output) as process:
        await_true(
            lambda: outbox.count_documents({"state": "accepted"}) == len(owed), process=process
        )
    final = sent(output)

    assert final.keys() == owed
    for accepted, then in settled:
        assert all(then[alert] >= 1 for alert in accepted)
        assert {alert: final[alert] for alert in accepted} == {
            alert: then[alert] for alert in accepted
        }
    # Only what was in flight at a kill may come twice.
    assert sum(final.values()) - len(owed) <= KILLS * WORKERS
    # The kills did hit the work, not the pauses.
    assert sum(left > 0 for left in unsettled) >= KILLS // 2
