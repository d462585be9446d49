"""What the web process counts for Prometheus; nothing here names a person."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("http_requests", "Requests by route", ("method", "route", "status"))
SECONDS = Histogram(
    "http_request_seconds",
    "Time of a request by route",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
# A person's answer, not the machine's message: minutes for an emergency, days for what can wait.
ANSWERED = Histogram(
    "alert_answered_seconds",
    "Time from raising an alert to the first person who took it, by tier, site and shift",
    ("tier", "site", "shift"),
    buckets=(60, 300, 900, 1800, 3600, 4 * 3600, 8 * 3600, 24 * 3600, 72 * 3600),
)
