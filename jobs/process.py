"""What the clock process carries with it: channels, a clock, ids, and the wish to stop."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from backend.config import Config
from backend.models.study import Study
from notifications import Channel, ChannelSettings, build_channels
from notifications.email import Tls

# Sends at a time, so that one slow device does not hold up an emergency for another.
WORKERS = 8

_TLS: Mapping[str, Tls] = {"starttls": "starttls", "tls": "tls", "none": "none"}


@dataclass(frozen=True, slots=True)
class Process:
    """One per process; `owner` names it in leases, `stopping` is set once at its end."""

    owner: str
    study: Study
    channels: Mapping[str, Channel]
    clock: Callable[[], dt.datetime]
    ids: Callable[[], str]
    pool: ThreadPoolExecutor
    stopping: threading.Event

    def close(self) -> None:
        """Wait for what is being sent, then let go of all connections."""
        self.pool.shutdown()
        for channel in self.channels.values():
            channel.close()


def build_process(
    config: Config, study: Study, *, clock: Callable[[], dt.datetime], ids: Callable[[], str]
) -> Process:
    """Build the channels that the settings name, and the pool that sends through them.

    Raises:
        ChannelSettingsError: a channel is half configured.
    """
    return Process(
        owner=ids(),
        study=study,
        channels=build_channels(channel_settings(config), clock=clock),
        clock=clock,
        ids=ids,
        pool=ThreadPoolExecutor(WORKERS, thread_name_prefix="send"),
        stopping=threading.Event(),
    )


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
    )
