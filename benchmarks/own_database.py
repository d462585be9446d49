"""A database of one run alone, for the benchmarks that work without the web."""

import os
import secrets
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backend.config import Config
from backend.db import connect, database
from backend.embedded import EmbeddedServer
from backend.models.indexes import migrate


@contextmanager
def own_database() -> Iterator[str]:
    """Connect to a database of this run alone; give the server's name."""
    with ExitStack() as stack:
        uri = os.environ.get("MONGODB_URI")
        own = not uri
        if not uri:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            uri = stack.enter_context(EmbeddedServer(Path(folder))).uri
        name = f"bench_{uuid.uuid4().hex[:12]}"
        connect(
            Config.from_env(
                {
                    "MONGODB_URI": uri,
                    "MONGODB_DATABASE": name,
                    "SECRET_KEY": secrets.token_urlsafe(48),
                    "ENCRYPTION_KEY": secrets.token_urlsafe(48),
                }
            )
        )
        client = database().client
        if not own:
            stack.callback(client.drop_database, name)
        migrate()
        build = client.admin.command("buildInfo")
        embedded = build.get("secantusVersion")
        yield f"SecantusDB {embedded}, embedded" if embedded else f"MongoDB {build['version']}"
