"""`/livez`, `/readyz`, `/metrics`: for the operator's tools, without a word about a patient."""

import datetime as dt
import hmac
import ipaddress
import os
from collections.abc import Iterator

import flask
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from backend.db import is_reachable
from backend.errors import Forbidden
from backend.resources.base import allow, context
from backend.services.health import (
    check_readiness,
    job_runs,
    last_backup_at,
    oldest_owed_seconds,
    open_alerts_by_tier,
    owed_by_state,
    unanswered_by_tier,
)
from backend.services.lease import clock_lease
from backend.services.outbox_hold import is_held
from backend.services.schema import standing

blueprint = flask.Blueprint("operations", __name__)


@blueprint.get("/livez")
@allow(None)
def livez() -> dict[str, str]:
    """Say that the process answers; nothing else is asked."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@allow(None)
def readyz() -> tuple[dict[str, object], int]:
    """Say whether everything that a diary needs is there."""
    here = context()
    found = check_readiness(here.ruleset, here.study, now=here.clock())
    checks = {name: "ok" if good else "failed" for name, good in found.checks.items()}
    status = {"status": "ok" if found.ready else "failed", "checks": checks}
    return {**status, "ruleset": found.ruleset_version}, 200 if found.ready else 503


@blueprint.get("/metrics")
@allow(None)
def metrics() -> flask.Response:
    """Give counts and times for Prometheus, to its token, or to this machine alone."""
    _check_reader()
    registry = CollectorRegistry()
    registry.register(_Stored())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Each worker counts for itself; the folder holds the counts of all.
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY) + generate_latest(registry)
    return flask.Response(counted, content_type=CONTENT_TYPE_LATEST)


class _Stored(Collector):
    """What the database knows at the moment of asking, the same for every worker."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask the database; without one, say that alone."""
        up = is_reachable()
        yield GaugeMetricFamily("database_up", "1 where the database answers", float(up))
        if up:
            yield from self._stored()

    def _stored(self) -> Iterator[GaugeMetricFamily]:
        owed = GaugeMetricFamily("outbox_entries", "Messages not settled", labels=("state",))
        for state, count in owed_by_state().items():
            owed.add_metric((state,), count)
        yield owed
        waited = oldest_owed_seconds(context().clock())
        yield GaugeMetricFamily(
            "outbox_oldest_due_seconds", "Age of the oldest due message", waited
        )
        alerts = GaugeMetricFamily("open_alerts", "Alerts nobody has closed", labels=("tier",))
        for tier, count in open_alerts_by_tier().items():
            alerts.add_metric((tier,), count)
        yield alerts
        held = "1 while a restored database holds back old messages"
        yield GaugeMetricFamily("outbox_held", held, float(is_held()))
        backup = last_backup_at()
        if backup is not None:
            text = "When the newest good backup was completed"
            yield GaugeMetricFamily(
                "backup_last_success_timestamp_seconds", text, backup.timestamp()
            )
        yield from _of_waiting(context().clock())
        yield from _of_the_clock(context().clock())
        text = "The newest step of migrate that this database has been through"
        yield GaugeMetricFamily("schema_version", text, standing().version)
        yield from _of_jobs()


def _of_waiting(now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    many = GaugeMetricFamily("unanswered_alerts", "Alerts nobody has taken", labels=("tier",))
    oldest = GaugeMetricFamily(
        "unanswered_alert_oldest_seconds", "Age of the oldest of them; 0: none", labels=("tier",)
    )
    for tier, (count, age) in unanswered_by_tier(now).items():
        many.add_metric((tier,), count)
        oldest.add_metric((tier,), age)
    yield many
    yield oldest


def _of_the_clock(now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    found = clock_lease(now)
    # A clock that never was has no age: absent, and an alert rule asks for that too.
    if found is not None:
        age, hands = found
        text = "Since the leading clock last renewed its lease"
        yield GaugeMetricFamily("clock_lease_age_seconds", text, age)
        yield GaugeMetricFamily("clock_lease_fence", "How often another clock began to lead", hands)


def _of_jobs() -> Iterator[GaugeMetricFamily]:
    families = {
        "job_last_success_timestamp_seconds": "When a job of the clock last succeeded",
        "job_duration_seconds": "How long its newest run took",
        "job_lag_seconds": "How much later than planned it began",
        "job_failures": "Its failures in a row",
    }
    gauges = {
        name: GaugeMetricFamily(name, text, labels=("job",)) for name, text in families.items()
    }
    for run in job_runs():
        values = {
            "job_duration_seconds": run.duration_seconds,
            "job_lag_seconds": run.lag_seconds,
            "job_failures": run.failures,
        }
        if run.last_success is not None:
            values["job_last_success_timestamp_seconds"] = run.last_success.timestamp()
        for name, value in values.items():
            gauges[name].add_metric((run.id,), value)
    yield from gauges.values()


def _check_reader() -> None:
    token = context().config.metrics_token
    if token is not None:
        given = flask.request.headers.get("Authorization", "")
        allowed = hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    else:
        allowed = ipaddress.ip_address(flask.request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - not bound, compared  # nosec B104
    if not allowed:
        raise Forbidden
