"""What the clock process carries with it: channels, a clock, ids, and the wish to stop."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from backend.clinical.rules import Ruleset, load_ruleset
from backend.config import Config
from backend.models.study import Study
from backend.services.lease import Fence
from backend.services.study import load_study
from notifications import Channel, ChannelSettings, build_channels
from notifications.email import Tls

# Sends at a time, so that one slow device does not hold up an emergency for another.
WORKERS = 8

_TLS: Mapping[str, Tls] = {"starttls": "starttls", "tls": "tls", "none": "none"}


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Into which folder, with which key and how often the audit trail is anchored."""

    folder: Path
    key_file: Path
    every_seconds: int


@dataclass(frozen=True, slots=True)
class Process:
    """One per process; `owner` names it in leases, `stopping` is set once at its end."""

    owner: str
    study: Study
    ruleset: Ruleset
    channels: Mapping[str, Channel]
    clock: Callable[[], dt.datetime]
    ids: Callable[[], str]
    pool: ThreadPoolExecutor
    stopping: threading.Event
    # Where the webhook channel finds people: its URL and their id.
    gateway: str | None = None
    # Where signed ends of the audit trail go; None: nowhere.
    anchoring: Anchoring | None = None
    # Set before each job that only the leading clock may do.
    fence: Fence = field(default_factory=Fence)

    def close(self) -> None:
        """Wait for what is being sent, then let go of all connections."""
        self.pool.shutdown()
        for channel in self.channels.values():
            channel.close()


def build_process(
    config: Config, *, clock: Callable[[], dt.datetime], ids: Callable[[], str]
) -> Process:
    """Load rules and study, build the channels that the settings name and the pool that sends.

    Raises:
        RuleError: a rule file or the study file cannot be read.
        ChannelSettingsError: a channel is half configured.
    """
    ruleset = load_ruleset()
    return Process(
        owner=ids(),
        study=load_study(config.study_file, ruleset),
        ruleset=ruleset,
        channels=build_channels(channel_settings(config), clock=clock),
        clock=clock,
        ids=ids,
        pool=ThreadPoolExecutor(WORKERS, thread_name_prefix="send"),
        stopping=threading.Event(),
        gateway=config.webhook_url,
        anchoring=_anchoring(config),
    )


def _anchoring(config: Config) -> Anchoring | None:
    if config.audit_anchor_dir is None or config.audit_key_file is None:
        return None
    return Anchoring(config.audit_anchor_dir, config.audit_key_file, config.audit_anchor_seconds)


def channel_settings(config: Config) -> ChannelSettings:
    """Pick what channels need to know."""
    return ChannelSettings(
        fcm_credentials_file=config.fcm_credentials,
        smtp_host=config.smtp_host,
        smtp_port=config.smtp_port,
        smtp_user=config.smtp_user,
        smtp_password=config.smtp_password,
        smtp_from=config.smtp_from,
        smtp_tls=_TLS[config.smtp_tls],
        smtp_ca_file=config.smtp_ca_file,
        webhook_url=config.webhook_url,
        webhook_secret=config.webhook_secret,
        webhook_private_hosts=config.webhook_private_hosts,
        webpush_key_file=config.webpush_key_file,
        webpush_contact=config.webpush_contact,
        webpush_hosts=config.webpush_hosts,
    )
