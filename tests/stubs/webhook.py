"""A hospital's gateway that checks signatures: `python -m tests.stubs.webhook --port N`."""

import argparse
import hashlib
import hmac
import time

from tests.stubs.faults import DEAD, ERROR, OK, QUOTA, UNAVAILABLE
from tests.stubs.http import Answer, HttpStub

REDIRECT = "redirect"
SECRET = "a-secret-that-only-gateway-and-sender-know"

_STATUS = {DEAD: 410, QUOTA: 429, ERROR: 500, UNAVAILABLE: 503, REDIRECT: 302}
_MAX_AGE_SECONDS = 300


class WebhookStub(HttpStub):
    """Refuses what is unsigned, wrongly signed or old, as a gateway should."""

    retry_after = "7"

    def recipient(self, path: str, _body: str) -> str:
        """Give the path: one per recipient."""
        return path

    def answer(self, _path: str, headers: dict[str, str], body: str, fault: str) -> Answer:
        """Check, then answer as planned."""
        timestamp = headers.get("x-timestamp", "0")
        signed = hmac.new(SECRET.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256)
        fresh = timestamp.isdigit() and abs(time.time() - int(timestamp)) < _MAX_AGE_SECONDS
        signature = headers.get("x-signature", "")
        if not fresh or not hmac.compare_digest(signature, f"v1={signed.hexdigest()}"):
            return Answer(401, {})
        if fault == OK:
            return Answer(202, {})
        further = (("Retry-After", self.retry_after), ("Location", f"{self.url}/elsewhere"))
        return Answer(_STATUS[fault], {}, further)


def main() -> None:
    """Run as a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    WebhookStub(parser.parse_args().port).serve_forever()


if __name__ == "__main__":
    main()
