"""The real clock process with FCM at a stub: `python -m tests.stubs.clock http://127.0.0.1:N`.

For fault runs and simulations. firebase-admin has no setting for its URL, so the one hook is its
private `FCM_URL`; the product never touches it.
"""

import os
import sys

from firebase_admin import messaging

from jobs.clock import main

if __name__ == "__main__":
    messaging._MessagingService.FCM_URL = f"{sys.argv[1]}/v1/projects/{{0}}/messages:send"  # noqa: SLF001
    # google-auth would ask Google for the account's regions: a closed port keeps it from leaving.
    os.environ["HTTPS_PROXY"] = "http://127.0.0.1:9"
    raise SystemExit(main())
