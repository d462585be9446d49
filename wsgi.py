"""The web process's entry, `gunicorn wsgi:app`, and the command line's, `flask …`."""

import sys
from pathlib import Path

import flask

from backend.app import create_app, create_tool
from backend.clinical.document import RuleError
from backend.config import Config, ConfigurationError
from backend.logging_setup import log_as_json

# gunicorn ends the whole server, not only a worker, when a worker ends with this code.
_APP_FAILED = 4


def _create() -> flask.Flask:
    on_command_line = Path(sys.argv[0]).stem == "flask" or sys.argv[0].endswith("flask/__main__.py")
    try:
        config = Config.from_env()
        if not on_command_line:
            log_as_json(config.log_level)
        return create_app(config)
    except ConfigurationError as error:
        if on_command_line:
            # `flask clinical …` asks the rules alone; what needs a database is not offered.
            return create_tool()
        sys.stderr.write(f"{error}\n")
        raise SystemExit(_APP_FAILED) from error
    except RuleError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(_APP_FAILED) from error


app = _create()
