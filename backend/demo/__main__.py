"""`python -m backend.demo`: start everything, seed it once, say where to look, run until ctrl-C."""

import argparse
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.demo.api import Api
from backend.demo.seed import Account, accounts, judge_events, seed_staff, seed_trial
from backend.demo.trial import people
from backend.embedded import EmbeddedServerError
from backend.serve import VAR, ServeError, System, running

_DEFAULTS = {
    # The pushes on the console are what the demo shows; a line per request would hide them.
    "LOG_LEVEL": "WARNING",
    # Each nurse writes in two minutes what fills eight weeks.
    "RATE_LIMIT_FACTOR": "100",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; a second start keeps the data of the first."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with running({**_DEFAULTS, **os.environ}, options.var) as system:
            known = _seeded(system, options)
            _say(system, known)
            if options.no_wait:
                return 0
            ended = system.wait()
            sys.stderr.write(f"the {ended} process ended; stopping the others\n")
            return 1
    except KeyboardInterrupt:
        return 0
    except (ServeError, EmbeddedServerError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--subjects", type=int, default=24, help="how many (default 24)")
    parser.add_argument("--weeks", type=int, default=8, help="of diaries each (default 8)")
    parser.add_argument("--no-wait", action="store_true", help="stop after seeding")
    parser.add_argument("--var", type=Path, default=VAR, help="folder of the data (default var)")
    return parser.parse_args(arguments)


def _seeded(system: System, options: argparse.Namespace) -> list[Account]:
    """Seed once; the file of accounts, written last, marks that it is done.

    Raises:
        ServeError: an earlier seeding was cut off half-way.
    """
    done, begun = options.var / "demo.json", options.var / "demo.begun"
    if done.exists():
        return [Account(**stored) for stored in json.loads(done.read_text(encoding="utf-8"))]
    if begun.exists():
        message = (
            f"an earlier demo was cut off while seeding: remove {options.var}/ and start again"
        )
        raise ServeError(message)
    begun.touch()
    known = accounts()
    administrator = next(account for account in known if account.role == "administrator")
    _make_administrator(system, administrator)
    seed_staff(system.url, administrator, [one for one in known if one is not administrator])
    today = dt.datetime.now(tz=dt.UTC).date()
    trial = people(options.subjects, options.weeks, today)
    nurses = {one.site: one for one in known if one.role == "nurse" and one.site}
    began = time.monotonic()
    with Progress(
        TextColumn("seeding the demo trial"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeElapsedColumn(),
    ) as bar:
        task = bar.add_task("", total=sum(len(person.days) for person in trial))
        written = seed_trial(system.url, trial, nurses, lambda: bar.advance(task))
    judges = [one for one in known if one.role == "investigator"]
    judged = judge_events(system.url, judges)
    took = time.monotonic() - began
    sys.stdout.write(f"{written} diaries of {len(trial)} subjects in {took:.0f} s\n")
    sys.stdout.write(f"{judged} adverse events judged by the sites' investigators\n")
    stored = [
        {name: getattr(account, name) for name in account.__dataclass_fields__} for account in known
    ]
    done.write_text(json.dumps(stored, indent=1), encoding="utf-8")
    done.chmod(0o600)
    begun.unlink()
    return known


def _make_administrator(system: System, administrator: Account) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "staff", "create-admin"]
    subprocess.run(  # noqa: S603 - our own command
        [*command, administrator.email, "--password", administrator.password],
        env=dict(system.environment),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _say(system: System, known: Sequence[Account]) -> None:
    nurse = next(account for account in known if account.role == "nurse")
    api = Api(system.url).signed_in(nurse.email, nurse.password)
    waiting = api.get("/alerts?limit=200")["items"]
    lines = [
        "",
        f"API and its documentation   {system.url}/api/v1/docs",
        f"pages for the study team    {system.url}/staff/",
        f"page for a patient          {system.url}/app/ (a nurse makes the code: Patients, Activation card)",
        f"health and metrics          {system.url}/readyz  {system.url}/metrics",
        f"work list of site {nurse.site}       {len(waiting)} open alerts at {system.url}/api/v1/alerts",
        "",
        (
            "for a safety reviewer      /api/v1/listings/  /tables/incidence  /pictures/swimmer.svg"
            "  /submission/sdtm.zip  /fhir/R5/metadata"
        ),
        "",
        "sign in on the pages, or by POST /api/v1/sessions (README.md shows the way with curl):",
        *(
            f"  {account.email:36} {account.password:18} "
            f"{account.site or 'all sites'}{', sees the arm' if account.unblinded else ''}"
            for account in known
        ),
        "",
        "the data is kept; ctrl-C stops everything",
        "",
    ]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
