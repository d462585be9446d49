"""Rate limits: so many, then a pause that lasts; right when many ask at once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.config import Config
from backend.errors import TooManyRequests
from backend.services.limits import (
    Limit,
    forget_attempts,
    network_of,
    return_attempt,
    take_attempt,
)
from tests.conftest import Clock

LIMIT = Limit("test", most=3, window=dt.timedelta(minutes=10))

pytestmark = pytest.mark.usefixtures("database", "present")


def take(config: Config, clock: Clock, key: str = "key") -> bool:
    return take_attempt(LIMIT, key, config=config, now=clock.now)


def refused(config: Config, clock: Clock) -> int:
    with pytest.raises(TooManyRequests) as refusal:
        take(config, clock)
    return refusal.value.retry_after


def test_the_last_one_says_so_and_begins_a_whole_pause(config: Config, clock: Clock) -> None:
    assert [take(config, clock) for _ in range(2)] == [False, False]
    clock.advance(minutes=9)
    assert take(config, clock)
    assert refused(config, clock) == 600
    clock.advance(minutes=9, seconds=59, milliseconds=500)
    # Rounded up: whoever waits so long is let in.
    assert refused(config, clock) == 1
    clock.advance(milliseconds=500)
    assert not take(config, clock)


def test_refused_attempts_do_not_make_the_pause_longer(config: Config, clock: Clock) -> None:
    for _ in range(3):
        take(config, clock)
    for _ in range(5):
        clock.advance(minutes=1)
        refused(config, clock)
    clock.advance(minutes=5)
    assert not take(config, clock)


def test_old_attempts_fall_out_with_their_window(config: Config, clock: Clock) -> None:
    for _ in range(2):
        take(config, clock)
    clock.advance(minutes=10)
    assert [take(config, clock) for _ in range(3)] == [False, False, True]


def test_keys_are_counted_apart_and_limits_too(config: Config, clock: Clock) -> None:
    for _ in range(3):
        take(config, clock)
    assert not take(config, clock, "another")
    assert not take_attempt(Limit("b", 2, LIMIT.window), "key", config=config, now=clock.now)


def test_a_success_forgets_or_gives_one_back(config: Config, clock: Clock) -> None:
    for _ in range(3):
        take(config, clock)
    return_attempt(LIMIT, "key", config=config, now=clock.now)
    assert take(config, clock)
    forget_attempts(LIMIT, "key", config=config)
    assert [take(config, clock) for _ in range(3)] == [False, False, True]


def test_nothing_is_given_back_that_was_not_taken(config: Config, clock: Clock) -> None:
    return_attempt(LIMIT, "key", config=config, now=clock.now)
    take(config, clock)
    for _ in range(3):
        return_attempt(LIMIT, "key", config=config, now=clock.now)
    assert [take(config, clock) for _ in range(3)] == [False, False, True]


def test_of_many_at_once_no_more_than_the_limit_come_through(config: Config, clock: Clock) -> None:
    def attempt(_: int) -> bool:
        try:
            take(config, clock)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == LIMIT.most


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_an_ipv6_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
