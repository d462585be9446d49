"""The FCM channel: firebase-admin's own client, and what its exceptions mean for an outbox."""

import datetime as dt
import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar

import firebase_admin
from firebase_admin import credentials, messaging
from firebase_admin.exceptions import FirebaseError, ResourceExhaustedError
from google.auth.exceptions import GoogleAuthError, TransportError

from notifications.base import Address, AddressKind, Message, Outcome, is_served
from notifications.retry_after import retry_after_seconds

_SERVER_ERROR = 500
_app_numbers = itertools.count(1)


class FcmChannel:
    """Sends to one Firebase installation (`fid`) or registration token.

    The SDK retries by itself and sleeps for as long as a `Retry-After` says, up to six hours at a
    time. It cannot be told not to, so a send runs in a thread of its own: `deadline` seconds
    after its start the caller gets `unknown`, and at most `in_flight` sends exist at once, so that
    an outage of FCM does not fill the process with sleepers. `timeout` is per network step.

    Raises:
        ValueError: the credentials are not those of a service account.
        OSError: the credentials file cannot be read.
    """

    name: ClassVar[str] = "fcm"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"fid", "token"})

    def __init__(
        self,
        credential: Path | Mapping[str, Any],
        *,
        clock: Callable[[], dt.datetime],
        timeout: float = 10.0,
        deadline: float = 45.0,
        in_flight: int = 16,
    ) -> None:
        source = str(credential) if isinstance(credential, Path) else dict(credential)
        self._app = firebase_admin.initialize_app(
            credentials.Certificate(source),
            {"httpTimeout": timeout},
            f"notifications-{next(_app_numbers)}",
        )
        self._clock = clock
        self._deadline = deadline
        self._slots = threading.BoundedSemaphore(in_flight)

    def send(self, address: Address, message: Message) -> Outcome:
        """Hand the message to FCM; `accepted` is FCM's word, not the device's."""
        if refusal := is_served(self, address):
            return refusal
        if not self._slots.acquire(blocking=False):
            return Outcome("retry", "too many sends in flight")
        sent: Future[Outcome] = Future()
        # A daemon: a sleeping retry of the SDK must not hold up the end of the process.
        threading.Thread(
            target=self._run, args=(sent, address, message), name="fcm-send", daemon=True
        ).start()
        try:
            return sent.result(self._deadline)
        except TimeoutError:
            return Outcome("unknown", "no answer before the deadline")

    def close(self) -> None:
        """Forget the Firebase app."""
        firebase_admin.delete_app(self._app)

    def _run(self, sent: Future[Outcome], address: Address, message: Message) -> None:
        try:
            sent.set_result(self._send(address, message))
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who waits for it
            sent.set_exception(error)
        finally:
            self._slots.release()

    def _send(self, address: Address, message: Message) -> Outcome:
        try:
            messaging.send(_compose(address, message), app=self._app)
        except FirebaseError as error:
            return self._by_error(error)
        except GoogleAuthError as error:
            # No access token, so nothing was sent. A refused key stays refused.
            later = error.retryable or isinstance(error, TransportError)
            return Outcome("retry" if later else "rejected", type(error).__name__)
        except (AttributeError, KeyError, TypeError, ValueError):
            # The SDK trips over an answer that is not FCM's: a proxy's page, a cut JSON.
            return Outcome("unknown", "answer not understood")
        return Outcome("accepted", "FCM")

    def _by_error(self, error: FirebaseError) -> Outcome:
        kind = type(error).__name__
        if isinstance(error, messaging.UnregisteredError):
            return Outcome("dead_address", kind)
        response = error.http_response
        if response is None:
            return Outcome("unknown", kind)
        detail = f"{kind} {response.status_code}"
        if isinstance(error, ResourceExhaustedError) or response.status_code >= _SERVER_ERROR:
            wait = retry_after_seconds(response.headers.get("Retry-After"), self._clock())
            return Outcome("retry", detail, wait)
        return Outcome("rejected", detail)


def _compose(address: Address, message: Message) -> Any:  # noqa: ANN401 - the SDK has no types
    rings = message.tier != "routine"
    composed = messaging.Message(
        data=dict(message.data),
        notification=messaging.Notification(message.title, message.body),
        android=messaging.AndroidConfig(
            collapse_key=message.collapse_key,
            priority="high" if rings else "normal",
            # FCM ignores the collapse key of a shown notification; the tag replaces it on screen.
            notification=messaging.AndroidNotification(tag=message.collapse_key),
        ),
        apns=messaging.APNSConfig(
            headers={
                "apns-collapse-id": message.collapse_key,
                "apns-priority": "10" if rings else "5",
            },
            # Without a sound an iPhone shows the message in silence.
            payload=messaging.APNSPayload(messaging.Aps(sound="default" if rings else None)),
        ),
    )
    # Set, not passed: `Message(token=…)` warns for each message, and older apps have no fid.
    setattr(composed, address.kind, address.value)
    return composed
