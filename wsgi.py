"""The web process's entry, `gunicorn wsgi:app`, and the command line's, `flask …`."""

import sys
from pathlib import Path

import flask

from backend.app import create_app, create_tool
from backend.clinical.document import RuleError
from backend.config import Config, ConfigurationError
from backend.logging_setup import log_as_json
from backend.services.schema import TOO_NEW, is_too_new

# gunicorn ends the whole server, not only a worker, when a worker ends with this code.
_APP_FAILED = 4


def _create() -> flask.Flask:
    on_command_line = Path(sys.argv[0]).stem == "flask" or sys.argv[0].endswith("flask/__main__.py")
    try:
        config = Config.from_env()
        if not on_command_line:
            log_as_json(config.log_level)
        app = create_app(config)
    except ConfigurationError as error:
        if on_command_line:
            # `flask clinical …` asks the rules alone; what needs a database is not offered.
            return create_tool()
        sys.stderr.write(f"{error}\n")
        raise SystemExit(_APP_FAILED) from error
    except RuleError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(_APP_FAILED) from error
    if not on_command_line:
        _refuse_what_is_newer()
    return app


def _refuse_what_is_newer() -> None:
    if is_too_new():
        sys.stderr.write(f"{TOO_NEW}\n")
        raise SystemExit(_APP_FAILED)


app = _create()
