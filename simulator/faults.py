"""What goes wrong, when, and for how long: from the seed, and done to the running system."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from simulator.people import chance
from simulator.system import CLOCK, DATABASE, LEADER, WEB, WORKER, System
from tests.stubs.faults import DEAD, ERROR, HANG, OK, QUOTA, UNAVAILABLE
from tests.stubs.fcm import FcmStub

TARGETS = (WEB, WORKER, LEADER, CLOCK, DATABASE)
WEATHER = (QUOTA, UNAVAILABLE, ERROR, HANG, DEAD)
# Seconds of good weather at FCM between two faults, and how long each lasts.
_FAIR, _FOUL = (15.0, 45.0), (4.0, 12.0)
# Recipients of whom FCM says that they are gone, each time.
_GONE = 3


@dataclass(frozen=True, slots=True)
class Kills:
    """Seconds between two kills, what is killed, and how often at most (None: to the end).

    A web process needs some seconds to load its rules: killed more often, it would do nothing else.
    """

    least: float
    most: float
    targets: tuple[str, ...] = TARGETS
    times: int | None = None


@dataclass(slots=True)
class Weather:
    """What FCM did wrong, and when (seconds since 1970)."""

    foul: list[tuple[float, float]] = field(default_factory=list)
    planned: Counter[str] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lose(self, address: str) -> None:
        """Note an address that FCM knows no more."""
        with self._lock:
            self.gone.add(address)

    def is_gone(self, address: str) -> bool:
        """Tell whether FCM knows an address no more."""
        with self._lock:
            return address in self.gone


def plan_kills(seed: int, kills: Kills) -> Iterator[tuple[float, str]]:
    """Give for ever: seconds after the one before, and the target; each target once in every round."""
    luck = chance(seed, "kills")
    while True:
        for target in luck.sample(kills.targets, len(kills.targets)):
            yield luck.uniform(kills.least, kills.most), target


def plan_weather(seed: int) -> Iterator[tuple[float, float, str]]:
    """Give for ever: seconds of fair weather, seconds of the fault, the fault."""
    luck = chance(seed, "weather")
    while True:
        for fault in luck.sample(WEATHER, len(WEATHER)):
            yield luck.uniform(*_FAIR), luck.uniform(*_FOUL), fault


def kill_until(over: threading.Event, system: System, seed: int, kills: Kills | None) -> None:
    """Kill as planned until it is over; in the main thread, with which its children would end."""
    planned = iter(()) if kills is None else islice(plan_kills(seed, kills), kills.times)
    for pause, target in planned:
        if over.wait(pause):
            return
        system.kill(target)
    over.wait()


def misbehave_until(
    over: threading.Event, stub: FcmStub, weather: Weather, seed: int, addresses: list[str]
) -> None:
    """Let FCM misbehave as planned until it is over; addresses are those that may be gone."""
    luck = chance(seed, "gone")
    for fair, foul, fault in plan_weather(seed):
        if over.wait(fair):
            break
        began = time.time()
        weather.planned[fault] += 1
        if fault == DEAD:
            for address in luck.sample(addresses, min(_GONE, len(addresses))):
                weather.lose(address)
                stub.faults.plan(DEAD, recipient=address)
        else:
            stub.faults.plan(fault)
        over.wait(foul)
        stub.faults.plan(OK)
        weather.foul.append((began, time.time()))
    stub.faults.plan(OK)
