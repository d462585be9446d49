"""The error family of the backend and its table to RFC 9457; plain data, no framework."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a request: where (RFC 6901 pointer into the body, or a name) and what."""

    pointer: str
    detail: str


class BackendError(Exception):
    """Base of all refusals that a caller may see; `detail` never holds health data or names."""

    status = 500
    kind = "internal"
    title = "Internal error"

    def __init__(self, detail: str = "", *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults


class InvalidInput(BackendError):
    """The request is well formed but its content is not acceptable."""

    status, kind, title = 422, "invalid-input", "Invalid input"


class Unauthorised(BackendError):
    """No valid credentials came with the request."""

    status, kind, title = 401, "unauthorised", "Authentication required"


class SecondFactorNeeded(BackendError):
    """The password is right, and a code of the second factor belongs beside it."""

    status, kind, title = 401, "second-factor-needed", "Second factor needed"


class ProofNeeded(Unauthorised):
    """A phone's token came without a good proof of the phone's key (RFC 9449).

    `nonce` is for the next proof; `error` is RFC 9449's word: `use_dpop_nonce` where nothing else was
    wrong.
    """

    kind, title = "proof-needed", "Proof of the phone's key required"

    def __init__(self, nonce: str, *, error: str = "invalid_dpop_proof") -> None:
        super().__init__()
        self.nonce = nonce
        self.error = error


class Forbidden(BackendError):
    """The actor may not do this."""

    status, kind, title = 403, "forbidden", "Not allowed"


class NotFound(BackendError):
    """The thing does not exist, or the actor may not know that it does."""

    status, kind, title = 404, "not-found", "Not found"


class Conflict(BackendError):
    """The request contradicts what is stored."""

    status, kind, title = 409, "conflict", "Conflict"


class InvalidTransition(Conflict):
    """The state table has no such step from the present state."""

    kind, title = "invalid-transition", "Step not possible now"


class StaleRevision(BackendError):
    """Somebody changed the thing since the caller read it."""

    status, kind, title = 412, "stale-revision", "Changed meanwhile"


class TooManyRequests(BackendError):
    """A rate limit or lockout is in force; `retry_after` in seconds."""

    status, kind, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(BackendError):
    """The database cannot take the request now; come again after `retry_after` seconds."""

    status, kind, title = 503, "unavailable", "Temporarily unavailable"
    retry_after = 5
