"""Settings of one process: the only reader of the environment; a missing or weak secret stops it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.secret_files import SecretFileError, with_secret_files
from backend.subscription import PUSH_SERVICES, is_push_service

MINIMUM_SECRET_LENGTH = 32
# As a browser writes it: lower case, no path, no port where it is the scheme's own.
_ORIGIN = re.compile(
    r"(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?",
    re.ASCII,
)


class ConfigurationError(Exception):
    """A setting is missing or unusable; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a process must know before it starts; times in seconds, sizes in bytes."""

    # Secrets stay out of what is printed of a configuration.
    mongodb_uri: str = field(repr=False)
    mongodb_database: str
    secret_key: str = field(repr=False)
    # Wraps the subjects' data keys (backend/vault.py).
    encryption_key: str = field(repr=False)
    study_file: Path
    access_token_seconds: int = 900
    refresh_token_seconds: int = 14 * 24 * 3600
    activation_code_seconds: int = 72 * 3600
    # Devices are away for weeks (holiday, hospital stay); staff sessions are not.
    device_token_seconds: int = 400 * 24 * 3600
    login_attempts: int = 5
    lockout_seconds: int = 900
    # Each limit of `backend/services/request_limit.py`, times this.
    rate_limit_factor: int = 1
    # A phone without a key of its own is not activated; those that are stay.
    require_device_binding: bool = False
    max_body_bytes: int = 1024 * 1024
    log_level: str = "INFO"
    fcm_credentials: Path | None = None
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: str | None = field(default=None, repr=False)
    smtp_from: str | None = None
    smtp_tls: str = "starttls"
    smtp_ca_file: Path | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    # Where the gateway may be on a private network or this machine; all else must be public.
    webhook_private_hosts: tuple[str, ...] = ()
    webpush_key_file: Path | None = None
    webpush_contact: str | None = None
    webpush_hosts: tuple[str, ...] = PUSH_SERVICES
    # Signed ends of the audit trail; a folder that this machine can only add to is best.
    audit_anchor_dir: Path | None = None
    audit_key_file: Path | None = None
    audit_anchor_seconds: int = 900
    # While it changes: both open what they wrapped, neither wraps; then `flask vault rewrap`.
    encryption_key_next: str | None = field(default=None, repr=False)
    encryption_key_previous: str | None = field(default=None, repr=False)
    # While the key changes (docs/keys.md): both are accepted, neither signs.
    secret_key_next: str | None = field(default=None, repr=False)
    secret_key_previous: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    # Pages of these origins may ask the API from a browser; our own need no entry.
    cors_origins: tuple[str, ...] = ()
    # How long a browser is told to come by https alone; 0: it is told nothing.
    hsts_seconds: int = 0
    # Whom backups are sealed for: the public key alone, so that this machine cannot open them.
    backup_public_key_file: Path | None = None
    # How many proxies of our own stand in front: each adds one address to X-Forwarded-For.
    trusted_proxies: int = 0

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Config":
        """Read the settings.

        Raises:
            ConfigurationError: a required setting is missing or weak, or one is not what it must be.
        """
        try:
            source = with_secret_files(os.environ if env is None else env)
        except SecretFileError as error:
            raise ConfigurationError(str(error)) from error
        if ("AUDIT_ANCHOR_DIR" in source) != ("AUDIT_KEY_FILE" in source):
            message = "AUDIT_ANCHOR_DIR and AUDIT_KEY_FILE belong together: set both or none."
            raise ConfigurationError(message)
        return cls(
            mongodb_uri=_required(source, "MONGODB_URI"),
            mongodb_database=source.get("MONGODB_DATABASE", "pro_ae"),
            secret_key=_secret(source, "SECRET_KEY"),
            encryption_key=_secret(source, "ENCRYPTION_KEY"),
            encryption_key_next=_other_secret(source, "ENCRYPTION_KEY_NEXT"),
            encryption_key_previous=_other_secret(source, "ENCRYPTION_KEY_PREVIOUS"),
            secret_key_next=_other_secret(source, "SECRET_KEY_NEXT"),
            secret_key_previous=_other_secret(source, "SECRET_KEY_PREVIOUS"),
            study_file=Path(source.get("STUDY_FILE", "studies/larc-ql1706.toml")),
            access_token_seconds=_number(source, "ACCESS_TOKEN_SECONDS", 900),
            refresh_token_seconds=_number(source, "REFRESH_TOKEN_SECONDS", 14 * 24 * 3600),
            activation_code_seconds=_number(source, "ACTIVATION_CODE_SECONDS", 72 * 3600),
            login_attempts=_number(source, "LOGIN_ATTEMPTS", 5),
            lockout_seconds=_number(source, "LOCKOUT_SECONDS", 900),
            rate_limit_factor=_number(source, "RATE_LIMIT_FACTOR", 1),
            require_device_binding=_choice(source, "REQUIRE_DEVICE_BINDING", ("no", "yes"), "no")
            == "yes",
            max_body_bytes=_number(source, "MAX_BODY_BYTES", 1024 * 1024),
            log_level=source.get("LOG_LEVEL", "INFO"),
            fcm_credentials=_path(source, "FCM_CREDENTIALS_FILE"),
            smtp_host=source.get("SMTP_HOST"),
            smtp_port=_number(source, "SMTP_PORT", 587),
            smtp_user=source.get("SMTP_USER"),
            smtp_password=source.get("SMTP_PASSWORD"),
            smtp_from=source.get("SMTP_FROM"),
            smtp_tls=_choice(source, "SMTP_TLS", ("starttls", "tls", "none"), "starttls"),
            smtp_ca_file=_path(source, "SMTP_CA_FILE"),
            webhook_url=source.get("WEBHOOK_URL"),
            webhook_secret=source.get("WEBHOOK_SECRET"),
            webhook_private_hosts=_names(source, "WEBHOOK_PRIVATE_HOSTS"),
            webpush_key_file=_path(source, "WEBPUSH_KEY_FILE"),
            webpush_contact=source.get("WEBPUSH_CONTACT"),
            webpush_hosts=_push_services(source, "WEBPUSH_HOSTS"),
            metrics_token=source.get("METRICS_TOKEN"),
            audit_anchor_dir=_path(source, "AUDIT_ANCHOR_DIR"),
            audit_key_file=_path(source, "AUDIT_KEY_FILE"),
            audit_anchor_seconds=_number(source, "AUDIT_ANCHOR_SECONDS", 900),
            cors_origins=_origins(source, "CORS_ORIGINS"),
            hsts_seconds=_number(source, "HSTS_SECONDS", 0),
            backup_public_key_file=_path(source, "BACKUP_PUBLIC_KEY_FILE"),
            trusted_proxies=_number(source, "TRUSTED_PROXIES", 0),
        )


def _required(source: Mapping[str, str], name: str) -> str:
    value = source.get(name, "").strip()
    if not value:
        message = f"{name} is not set. See README.md, section Settings."
        raise ConfigurationError(message)
    return value


def _secret(source: Mapping[str, str], name: str) -> str:
    value = _required(source, name)
    if len(value) < MINIMUM_SECRET_LENGTH:
        message = (
            f"{name} has {len(value)} characters; at least {MINIMUM_SECRET_LENGTH} are needed. "
            'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
        raise ConfigurationError(message)
    return value


def _other_secret(source: Mapping[str, str], name: str) -> str | None:
    return _secret(source, name) if source.get(name, "").strip() else None


def _path(source: Mapping[str, str], name: str) -> Path | None:
    text = source.get(name)
    return Path(text) if text else None


def _push_services(source: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = source.get(name, "").strip()
    if not text:
        return PUSH_SERVICES
    entries = tuple(entry.strip().lower() for entry in text.split(","))
    wrong = [entry for entry in entries if not is_push_service(entry)]
    if wrong:
        message = (
            f"{name} must be hosts such as push.example.org or *.push.example.org "
            f"with commas between, not {wrong[0]!r}."
        )
        raise ConfigurationError(message)
    return entries


def _names(source: Mapping[str, str], name: str) -> tuple[str, ...]:
    entries = (entry.strip().lower() for entry in source.get(name, "").split(","))
    return tuple(entry for entry in entries if entry)


def _origins(source: Mapping[str, str], name: str) -> tuple[str, ...]:
    entries = tuple(entry.strip() for entry in source.get(name, "").split(",") if entry.strip())
    wrong = [entry for entry in entries if not _ORIGIN.fullmatch(entry)]
    if wrong:
        # No `*`, no `null`, no path: what is listed is compared letter by letter.
        message = (
            f"{name} must be origins such as https://app.example.org with commas between "
            f"(http for this machine only), not {wrong[0]!r}."
        )
        raise ConfigurationError(message)
    return entries


def _number(source: Mapping[str, str], name: str, default: int) -> int:
    text = source.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        message = f"{name} must be a whole number above 0, not {text!r}."
        raise ConfigurationError(message)
    return int(text)


def _choice(source: Mapping[str, str], name: str, choices: tuple[str, ...], default: str) -> str:
    value = source.get(name, default)
    if value not in choices:
        message = f"{name} must be one of {', '.join(choices)}, not {value!r}."
        raise ConfigurationError(message)
    return value
