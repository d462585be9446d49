"""First pages on a slow phone: bytes, first paint and the answer to a tap, by the browser's own clock.

    .venv/bin/python -m benchmarks.pages

Starts `./run demo` with a small trial, then opens each first page in Chromium with an empty cache on a
throttled profile (1.6 Mbit/s, 150 ms, CPU 4 times slower: Lighthouse's "slow 4G"), beside an empty page
of the same server, which is the bare cost.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from backend.embedded import free_port
from backend.processes import stop

RUNS = 5
SLOW_4G = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
CPU = 4
PAGES = {"bare (/livez)": "/livez", "patient": "/app/", "staff": "/staff/", "front": "/"}
_TIMES = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    paint: paint ? paint.startTime : null,
    bytes: all.reduce((sum, one) => sum + one.transferSize, 0),
    requests: all.length,
  };
}"""


def measure(browser: Browser, url: str, path: str) -> dict[str, Any]:
    """Open one page once, with nothing cached; times in milliseconds."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_4G})
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    began = time.perf_counter()
    page.goto(url + path, wait_until="load")
    if path in ("/app/", "/staff/"):
        page.locator("h1").wait_for()
    usable = (time.perf_counter() - began) * 1000
    found: dict[str, Any] = {**page.evaluate(_TIMES), "usable": usable, "tap": None}
    if path == "/app/":
        tapped = time.perf_counter()
        page.get_by_role("button", name="简体中文").click()
        page.get_by_role("heading", name="开始使用日记").wait_for()
        found["tap"] = (time.perf_counter() - tapped) * 1000
    context.close()
    return found


def main() -> None:
    """Print one line per page: medians of the runs."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        var, port = Path(folder), free_port()
        command = ["-m", "backend.demo", "--subjects", "2", "--weeks", "1", "--var", folder]
        demo = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "PORT": str(port)},
            stdout=subprocess.DEVNULL,
        )
        try:
            while not (var / "demo.json").exists():
                time.sleep(0.2)
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox", "--disable-gpu"]
            )
            rounds = [
                {
                    name: measure(browser, f"http://127.0.0.1:{port}", path)
                    for name, path in PAGES.items()
                }
                for _ in range(RUNS)
            ]
        finally:
            stop(demo, patience=60)
    sys.stdout.write("page            kB  requests  first paint ms  usable ms  tap ms\n")
    for name in PAGES:
        found = {
            key: [one[name][key] for one in rounds if one[name][key] is not None]
            for key in ("bytes", "requests", "paint", "usable", "tap")
        }
        shown = {key: statistics.median(value) if value else 0 for key, value in found.items()}
        sys.stdout.write(
            f"{name:14} {shown['bytes'] / 1000:5.1f} {shown['requests']:9.0f} {shown['paint']:15.0f}"
            f" {shown['usable']:10.0f} {shown['tap']:7.0f}\n"
        )
    sys.stdout.write(json.dumps({"runs": RUNS, "network": SLOW_4G, "cpu": CPU}) + "\n")


if __name__ == "__main__":
    main()
