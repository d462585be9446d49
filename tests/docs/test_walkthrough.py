"""README's way from a posted diary to the acknowledged alert: its very lines, on a real system."""

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from backend.demo.api import Api
from backend.embedded import free_port
from backend.serve import running

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "a long enough password"
BLOCK = re.compile(r"<!-- walkthrough: begin -->\n```sh\n(.*?)```", re.DOTALL)


def test_the_walkthrough_works(mongodb_uri: str, settings: dict[str, str], tmp_path: Path) -> None:
    found = BLOCK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    environment = {
        **os.environ,
        **settings,
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DATABASE": f"{settings['MONGODB_DATABASE']}_walk",
        "PORT": str(free_port()),
    }
    with running(environment, tmp_path) as system:
        _make_nurse(system.url, environment)
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", found[1]],
            env={
                **environment,
                "BASE": f"{system.url}/api/v1",
                "EMAIL": "nurse@example.org",
                "PASSWORD": PASSWORD,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        counted = urllib.request.urlopen(f"{system.url}/metrics").read().decode()  # noqa: S310 - our own
    assert done.returncode == 0, done.stderr
    # Both workers' requests are added up, whichever of them is asked.
    assert 'http_requests_total{method="POST",route="/api/v1/diaries",status="201"} 1.0' in counted
    assert "emergency" in done.stdout
    assert "COLITIS_SUSPECT" in done.stdout
    assert "closed" in done.stdout.splitlines()
    assert ",Diarrhea," in done.stdout


def _make_nurse(url: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "staff", "create-admin"]
    subprocess.run(
        [*command, "admin@example.org", "--password", PASSWORD], env=environment, check=True
    )
    body = {
        "email": "nurse@example.org",
        "password": PASSWORD,
        "name": "Nurse",
        "grants": [{"role": "nurse", "site": "S01"}],
    }
    Api(url).signed_in("admin@example.org", PASSWORD).post("/staff", body)
