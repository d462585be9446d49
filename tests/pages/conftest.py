"""The demo as a newcomer starts it, a real Chromium, and people who look at its pages."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from backend.demo.api import Api
from backend.embedded import free_port
from backend.processes import stop

SUBJECTS, WEEKS = 8, 2
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE, TABLET, DESK = (360, 740), (820, 1180), (1440, 900)
# Kept after the run: what a person sees is looked at (CONTRIBUTING.md).
SHOTS = Path(__file__).parents[2] / "screenshots"
_PATIENCE_MS = 15_000


@dataclass(frozen=True, slots=True)
class Site:
    """A running demo: where it answers, and who can sign in by the first part of their e-mail."""

    url: str
    accounts: dict[str, dict[str, Any]]

    def ask(self, who: str, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Call the API as this person, beside the pages."""
        api = self._api(who)
        return api.get(path) if method == "GET" else api.post(path, body)

    def raw(self, who: str, path: str) -> bytes:
        """Fetch a file as this person."""
        request = urllib.request.Request(  # noqa: S310 - our own demo on loopback
            f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self._api(who).token}"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return bytes(answer.read())

    def _api(self, who: str) -> Api:
        account = self.accounts[who]
        return Api(self.url).signed_in(account["email"], account["password"])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start `./run demo` with a small trial and wait until it is seeded."""
    var = tmp_path_factory.mktemp("demo")
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    small = ["--subjects", str(SUBJECTS), "--weeks", str(WEEKS), "--var", str(var)]
    with (var / "log").open("wb") as log:
        demo = subprocess.Popen(
            [sys.executable, "-m", "backend.demo", *small],
            env={**kept, "PORT": str(port)},
            stdout=log,
            stderr=log,
        )
        try:
            deadline = time.monotonic() + 180
            while not (var / "demo.json").exists():
                assert demo.poll() is None, (var / "log").read_text()
                assert time.monotonic() < deadline, (var / "log").read_text()
                time.sleep(0.2)
            accounts = json.loads((var / "demo.json").read_text())
            known = {one["email"].split("@")[0]: one for one in accounts}
            yield Site(f"http://127.0.0.1:{port}", known)
        finally:
            stop(demo, patience=60)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium that `./run` found."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM"), args=list(_FLAGS)
        )
        yield chromium
        chromium.close()


@dataclass(slots=True)
class Screen:
    """One person's browser, with everything that went wrong in it."""

    page: Page
    context: BrowserContext
    site: Site
    faults: list[str]

    def shot(self, name: str) -> None:
        """Keep what is seen as a file of the test run."""
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


Opening = Callable[..., Screen]


@pytest.fixture
def opened(site: Site, browser: Browser) -> Iterator[Opening]:
    """Open browsers; at the end none of them may have met an error that it was not told to expect."""
    screens: list[Screen] = []

    def opening(size: tuple[int, int], **options: object) -> Screen:
        width, height = size
        mobile = {"is_mobile": True, "has_touch": True} if size == PHONE else {}
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            timezone_id="Europe/Berlin",
            **{**mobile, **options},  # type: ignore[arg-type]
        )
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        screen = Screen(page, context, site, [])
        page.on(
            "console",
            lambda said: screen.faults.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: screen.faults.append(str(error)))
        screens.append(screen)
        return screen

    yield opening
    for screen in screens:
        assert screen.faults == []
        screen.context.close()


def sign_in(screen: Screen, who: str) -> Page:
    """Sign a member of staff in on the study team's page."""
    account = screen.site.accounts[who]
    screen.page.goto(f"{screen.site.url}/staff/")
    screen.page.get_by_label("E-mail").fill(account["email"])
    screen.page.get_by_label("Password").fill(account["password"])
    screen.page.get_by_role("button", name="Sign in").click()
    screen.page.get_by_role("button", name="Sign out").wait_for()
    return screen.page
