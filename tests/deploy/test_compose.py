"""The compose file: each container confined, each name and secret there, nothing open that need not be."""

import ast
import json
import re
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
from pymongo.uri_parser import parse_uri

from backend.config import Config
from backend.secret_files import SECRETS
from backend.services.audit_anchor import read_key
from backend.services.database_role import role_command
from tests.deploy.files import DEPLOY, ROOT, compose

SERVICES = compose()["services"]
OURS = ("migrate", "web", "clock1", "clock2")
# What the images of others read.
FOREIGN = {"HOME"}


def names_read() -> set[str]:
    """Give every name that config.py, the one reader of the environment, asks for."""
    tree = ast.parse((ROOT / "backend" / "config.py").read_text(encoding="utf-8"))
    asked = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z][A-Z_]+", node.value)
    }
    assert set(SECRETS) <= asked
    return asked | {f"{name}_FILE" for name in SECRETS}


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] in {"unless-stopped", "on-failure"}
    assert {"mem_limit", "pids_limit"} <= service.keys()
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert "privileged" not in service
    if name not in {"prometheus", "grafana"}:  # their images name a user of their own
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


def test_only_the_proxy_is_open_to_others() -> None:
    opened = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert opened.keys() == {"proxy", "grafana"}
    assert opened["grafana"] == ["127.0.0.1:3000:3000"]
    networks = compose()["networks"]
    inside = {name for name, options in networks.items() if options.get("internal")}
    assert inside == {"data", "front", "watch"}
    for name, service in SERVICES.items():
        if name.startswith("mongo"):
            assert service.get("networks", ["data"]) == ["data"]
        assert set(service.get("networks", ())) <= networks.keys()
    assert "edge" not in SERVICES["web"]["networks"]


def test_what_is_named_is_there() -> None:
    whole = compose()
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= whole["secrets"].keys()
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (
                (DEPLOY / source).exists() if source.startswith(".") else source in whole["volumes"]
            )
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == whole["secrets"].keys()


def test_every_setting_is_one_that_is_read() -> None:
    read = names_read()
    for name in OURS:
        environment = SERVICES[name]["environment"]
        assert environment.keys() <= read | FOREIGN
        assert environment["TRUSTED_PROXIES"] == "1"
        for value in environment.values():
            if str(value).startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
        # No secret stands in the file, or in what `docker inspect` shows.
        assert (
            not {"SECRET_KEY", "ENCRYPTION_KEY", "MONGODB_URI", "METRICS_TOKEN"}
            & environment.keys()
        )
        assert (ROOT / environment["STUDY_FILE"].removeprefix("/srv/app/")).exists()


def test_three_nodes_and_two_clocks() -> None:
    script = (DEPLOY / "mongo" / "init.js").read_text(encoding="utf-8")
    nodes = re.findall(r'"(mongo\d):27017"', script)
    assert nodes == ["mongo1", "mongo2", "mongo3"]
    for node in nodes:
        (command,) = SERVICES[node]["command"]
        assert "--replSet pro" in command
        assert "--tlsMode requireTLS" in command
        assert "--keyFile" in command
    assert SERVICES["clock1"] == SERVICES["clock2"]
    for name in ("web", "clock1", "clock2"):
        after = SERVICES[name]["depends_on"]["migrate"]
        assert after == {"condition": "service_completed_successfully"}
    # A process has longer to end than it asks for.
    graceful = re.search(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    assert graceful is not None
    assert int(SERVICES["web"]["stop_grace_period"][:-1]) > int(graceful[1])


def test_the_database_role_is_the_one_that_the_release_wants() -> None:
    kept = json.loads((DEPLOY / "mongo" / "process_role.json").read_text(encoding="utf-8"))
    wanted = role_command("pro_ae")
    assert kept == wanted, "run: flask audit role > deploy/mongo/process_role.json"
    # No process that answers requests has the other user's password.
    for name in ("web", "clock1", "clock2", "proxy"):
        assert not any("operator" in secret for secret in SERVICES[name]["secrets"])
    assert "mongodb_operator_uri" in SERVICES["migrate"]["secrets"]


def test_secrets_are_made_once_and_are_good_enough(tmp_path: Path) -> None:
    script = DEPLOY / "make-secrets.sh"
    folder = tmp_path / "secrets"
    make = ["sh", str(script), "--try", "trial.example.org", str(folder)]
    subprocess.run(make, check=True, capture_output=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = {file.name: file.read_bytes() for file in folder.iterdir()}
    wanted = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert made.keys() == wanted
    uri = made["mongodb_uri"].decode().strip()
    # By their files, as a container reads them.
    names = ("mongodb_uri", "secret_key", "encryption_key", "metrics_token")
    config = Config.from_env({f"{name.upper()}_FILE": str(folder / name) for name in names})
    tls = uri.replace("/run/secrets/mongo_ca", str(folder / "mongo_ca.pem"))
    parsed = parse_uri(tls, validate=True)
    assert parsed["nodelist"] == [(f"mongo{number}", 27017) for number in (1, 2, 3)]
    assert parsed["options"]["replicaSet"] == "pro"
    assert parsed["options"]["tls"] is True
    assert parsed["password"] == made["mongo_app_password"].decode().strip()
    assert config.mongodb_uri == uri
    assert config.encryption_key != config.secret_key
    assert read_key(folder / "audit_key").public_key()
    assert len(made["mongo_keyfile"]) <= 1024
    # The nodes' certificate is the authority's, and its key is in the same file.
    context = ssl.create_default_context(cafile=folder / "mongo_ca.pem")
    context.load_cert_chain(folder / "mongo.pem")
    verify = ["openssl", "verify", "-CAfile", folder / "mongo_ca.pem", folder / "mongo.pem"]
    assert subprocess.run(verify, check=False, capture_output=True).returncode == 0
    subprocess.run(make, check=True, capture_output=True)
    assert made == {file.name: file.read_bytes() for file in folder.iterdir()}


def test_no_secret_can_be_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "deploy/secrets/" in ignored


def test_the_proxy_logs_no_query_no_path_and_no_caller() -> None:
    text = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    (form,) = re.findall(r"log_format counted escape=json\s+(.*?);\n", text, re.DOTALL)
    logged = set(re.findall(r"\$(\w+)", form))
    assert logged == {
        *("time_iso8601", "request_method", "area", "status"),
        *("body_bytes_sent", "request_time", "request_id"),
    }
    areas = re.findall(r"^        ~(\S+) \$", text, re.MULTILINE)
    assert len(areas) == 2
    long = next(
        re.match(area.replace("?<", "?P<"), "/api/v1/subjects/S01-0001/diaries") for area in areas
    )
    assert long is not None
    assert long[1] == "/api/v1/subjects"
    assert re.findall(r"^\s*access_log (.*);", text, re.MULTILINE) == ["/dev/stdout counted", "off"]
    # Its error lines quote the whole request.
    assert re.findall(r"error_log (.*);", text) == ["/dev/stderr crit"]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    for hidden in ("/metrics", "/readyz"):
        assert f"location = {hidden} {{\n            return 404;" in text


def test_the_proxy_speaks_good_tls_alone_and_says_so() -> None:
    text = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"ssl_protocols (.*);", text) == ["TLSv1.2 TLSv1.3"]
    (ciphers,) = re.findall(r"ssl_ciphers (.*);", text)
    for cipher in ciphers.split(":"):
        assert cipher.startswith("ECDHE-")  # forward secrecy
        assert "GCM" in cipher or "CHACHA20" in cipher  # authenticated
    # Without TLS there is a redirect of pages and nothing else.
    plain, secure = text.split("listen 8443 ssl;")
    assert "proxy_pass" not in plain
    assert "return 308 https://" in plain
    assert (
        'add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;'
        in secure
    )
    # A location with a header of its own would lose this one.
    assert secure.count("add_header") == 1


def test_the_proxy_lets_the_live_list_through(client: object) -> None:
    text = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    from backend.resources.alert_stream import HEARTBEAT_SECONDS, blueprint  # noqa: PLC0415

    assert client is not None  # the blueprint is registered
    found = re.search(r"location = (\S+/stream) \{(.*?)\}", text, re.DOTALL)
    assert found is not None
    assert found[1] == "/api/v1" + blueprint.url_prefix.removeprefix("/api/v1") + "/stream"
    assert "proxy_buffering off;" in found[2]
    patience = re.search(r"proxy_read_timeout (\d+)s;", found[2])
    assert patience is not None
    assert int(patience[1]) > HEARTBEAT_SECONDS
