"""The real web process in the trial's time: `gunicorn "simulator.web:serve('/path/of/the/time')"`."""

from pathlib import Path

import flask

from backend.app import create_app
from backend.config import Config
from backend.logging_setup import log_as_json
from simulator.timekeeper import TrialClock


def serve(time: str) -> flask.Flask:
    """Build the web application; everything but its clock is the product's."""
    config = Config.from_env()
    log_as_json(config.log_level)
    return create_app(config, clock=TrialClock(Path(time)))
