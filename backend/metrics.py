"""What the web process counts for Prometheus; nothing here names a person or a site."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("http_requests", "Requests by route", ("method", "route", "status"))
SECONDS = Histogram(
    "http_request_seconds",
    "Time of a request by route",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
