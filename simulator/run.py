"""One whole run: start everything, let the trial happen under faults, let it come to rest."""

import datetime as dt
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pymongo.database import Database

from backend.embedded import EmbeddedServer
from backend.processes import stop
from simulator.accounts import Phone, Staff
from simulator.desk import Desk
from simulator.diarist import Diarist
from simulator.drive import Drive, Pace, enrolment
from simulator.enrol import enrol_all, instrument, open_sites
from simulator.faults import Kills, Weather, kill_until, misbehave_until
from simulator.line import Line
from simulator.plan import DAY, Plan
from simulator.system import CLOCKS, DATABASE, WEB, System
from simulator.timekeeper import Timekeeper
from simulator.told import Told
from tests.stubs.fcm import FcmStub

# What is owed must be sent within so long after the last fault, in seconds.
_REST_SECONDS = 240.0
_STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """How a plan is run; `uri` None: on an embedded database of its own."""

    kills: Kills | None
    weather: bool = True
    pace: Pace = field(default_factory=Pace)
    workers: int = 2
    hurry: float = 3.0
    uri: str | None = None
    unlocks: bool = False


@dataclass(slots=True)
class Lived:
    """A trial that has happened: its clocks stopped at `now`, its web process there to be asked.

    `set_up`, `lasted` and `rest` in seconds of the machine's clock.
    """

    plan: Plan
    system: System
    keeper: Timekeeper
    stub: FcmStub
    told: Told
    weather: Weather
    line: Line
    team: Mapping[str, Staff]
    phones: Mapping[int, Phone]
    database: Database[Mapping[str, Any]]
    server: str
    set_up: float
    lasted: float
    rest: float
    now: dt.datetime


@contextmanager
def lived(plan: Plan, options: Options) -> Iterator[Lived]:
    """Run a plan and give what is to be looked at; everything ends with the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulator-")))
        server = None
        if options.uri is None:
            server = stack.enter_context(EmbeddedServer(folder / "data"))
        stub = stack.enter_context(FcmStub())
        stub.hang_seconds = 5
        # In seconds: its usual date would be by the machine's clock, which is not the trial's.
        stub.retry_after = lambda: "1"
        key = folder / "key.json"
        key.write_text(json.dumps(stub.credentials()), encoding="utf-8")
        keeper = stack.enter_context(Timekeeper(folder / "time", enrolment(plan.start)))
        system = System(
            uri=options.uri or (server.uri if server is not None else ""),
            folder=folder,
            time=folder / "time",
            fcm=stub.url,
            credentials=key,
            server=server,
            workers=options.workers,
            hurry=options.hurry,
            unlocks=options.unlocks,
        )
        client, database = system.database()
        stack.callback(client.close)
        stack.callback(client.drop_database, system.name)
        system.prepare()
        stack.callback(system.stop)
        for name in (WEB, *CLOCKS):
            system.start(name)
        yield _live(plan, options, system, keeper, stub, database)


def _live(
    plan: Plan,
    options: Options,
    system: System,
    keeper: Timekeeper,
    stub: FcmStub,
    database: Database[Mapping[str, Any]],
) -> Lived:
    began = time.time()
    line, told, weather = Line(system.port), Told(), Weather()
    sites = frozenset(patient.site for patient in plan.people)
    team = open_sites(system, line, sites)
    phones = enrol_all(team, plan.people, line, options.pace.writers)
    items = instrument(phones[0])
    subjects = {index: phone.subject_id for index, phone in phones.items()}
    diarist = Diarist(plan.seed, plan.people, phones, items, keeper, told, weather)
    desks = [Desk(plan.seed, site, team, subjects, keeper, told, weather) for site in sorted(sites)]
    enrolled = time.time()
    _under_faults(Drive(plan, keeper, diarist, desks, options.pace), options, system, stub, weather)
    ended = time.time()
    await_rest(database, keeper())
    rest = time.time() - ended
    # From here on nothing changes any more while it is looked at.
    now = keeper()
    for name in CLOCKS:
        stop(system.running[name], patience=_STOP_SECONDS)
    return Lived(
        plan=plan,
        system=system,
        keeper=keeper,
        stub=stub,
        told=told,
        weather=weather,
        line=line,
        team=team,
        phones=phones,
        database=database,
        server=_name(database),
        set_up=enrolled - began,
        lasted=ended - enrolled,
        rest=rest,
        now=now,
    )


def _under_faults(
    drive: Drive, options: Options, system: System, stub: FcmStub, weather: Weather
) -> None:
    over, broken = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def live() -> None:
        try:
            drive.run(broken)
        except BaseException as error:  # noqa: BLE001 - raised again below, in the main thread
            failures.append(error)
        finally:
            over.set()

    phones = drive.diarist.phones
    # The first address of each; and one nurse, whose alerts then go another way.
    addresses = [phone.address for phone in phones.values()]
    addresses += [f"night.{desk.site.lower()}" for desk in drive.desks]
    threads = [threading.Thread(target=live)]
    if options.weather:
        threads.append(
            threading.Thread(
                target=misbehave_until, args=(over, stub, weather, drive.plan.seed, addresses)
            )
        )
    for thread in threads:
        thread.start()
    try:
        kills = options.kills
        if kills is not None and system.server is None:
            targets = tuple(one for one in kills.targets if one != DATABASE)
            kills = replace(kills, targets=targets)
        kill_until(over, system, drive.plan.seed, kills)
    except BaseException:
        broken.set()
        raise
    finally:
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def await_rest(database: Database[Mapping[str, Any]], now: dt.datetime) -> None:
    """Wait until nothing that was due by now is owed any more, as long as the patience lasts.

    What is still owed then is for the invariants to report.
    """
    deadline = time.monotonic() + _REST_SECONDS
    # A message waits for its pause at most an hour, and for the end of quiet hours at most a night.
    owed = {"state": {"$in": ["due", "leased"]}, "created_at": {"$lte": now - DAY / 2}}
    while database["outbox"].count_documents(owed) and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(1)


def _name(database: Database[Mapping[str, Any]]) -> str:
    build = database.client.admin.command("buildInfo")
    embedded = build.get("secantusVersion")
    return f"SecantusDB {embedded}, embedded" if embedded else f"MongoDB {build['version']}"
