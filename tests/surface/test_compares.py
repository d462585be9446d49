"""Secrets are compared in constant time: no `==` on a token, a hash or a signature in our code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A name with one of these words holds a secret, or what is kept of one.
SECRET = (
    "password",
    "secret",
    "token",
    "signature",
    "digest",
    "sha256",
    "hmac",
    "mark",
    "code",
    "otp",
    "nonce",
    "challenge",
    "verifier",
    "api_key",
)
# Compared with `==` and no secret of anybody, by file and expression.
ALLOWED = {
    # Hashes of rules, which everybody may read.
    "backend/clinical/lock.py: entry['hash'] != digest",
    "backend/clinical/versions.py: entry.get('hash') == digest",
    # A place in a list, the state of a work list, a code of a dictionary.
    "backend/fhir/search.py: (each.subject_id, each.id) == mark",
    "backend/fhir/search.py: code == own",
    "backend/services/alert_stream.py: mark == _mark({one.id: one.rev for one in present.values()})",
    "backend/services/ctcae.py: wanted == term.meddra_code",
    # Whether what came again is the same: its sender knows the content, and it is not answered to others.
    "backend/models/migrations/s0005_digests_without_words.py: digest == diary['payload_sha256']",
    "backend/services/diary.py: known.payload_sha256 == submission.whole_sha256",
    "backend/services/diary.py: known.payload_sha256 != submission.content_sha256",
    "backend/services/finding.py: first.content_sha256 != new.content_sha256",
    "backend/services/lab.py: known[0].content_sha256 != report.content_sha256",
    # A cut's or a backup's own rows against their manifest, the trail's against its own chain.
    "backend/models/migrations/s0006_cuts_without_words.py: before == cut.digests.get(name, '')",
    "backend/services/data_cut.py: digest != expected",
    "backend/services/backup.py: manifest.sha256 != expected",
    "backend/services/audit_anchor.py: digests.setdefault(stream, {}).setdefault(seq, sha256) != sha256",
    "backend/services/audit_verify.py: (head.seq, head.sha256) != (self.seq, self.sha256)",
    "backend/services/audit_verify.py: audit_chain.digest(row) != row.get('sha256')",
    "backend/services/audit_verify.py: row.get('previous') != self.sha256",
    # Whether what was signed is what is there now: hashes that the signer is shown.
    "backend/services/signature.py: (one.rev, one.content_sha256) == (present.rev, present.sha256)",
    (
        "backend/services/signature.py: (one.rev, one.content_sha256, one.signed_by, one.meaning) == "
        "(new.rev, new.content_sha256, new.signed_by, new.meaning)"
    ),
    # Whether they are set at all.
    "notifications/__init__.py: (settings.smtp_user is None) != (settings.smtp_password is None)",
}


def compares(source: str) -> Iterator[str]:
    """Give each comparison for equality in which a name speaks of a secret."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
            continue
        sides = [node.left, *node.comparators]
        # With a constant there is nothing to find out letter by letter.
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        words = [
            name.lower()
            for side in sides
            for inner in ast.walk(side)
            for name in [getattr(inner, "attr", getattr(inner, "id", ""))]
        ]
        if any(secret in word for word in words for secret in SECRET):
            yield ast.unparse(node)


def found() -> set[str]:
    return {
        f"{file.relative_to(ROOT)}: {compare}"
        for folder in ("backend", "jobs", "notifications", "schemas")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for compare in compares(file.read_text(encoding="utf-8"))
    }


def test_no_secret_is_compared_letter_by_letter() -> None:
    assert found() - ALLOWED == set(), "use hmac.compare_digest, or say here why not"


def test_no_exception_is_left_of_what_is_gone() -> None:
    assert ALLOWED - found() == set()


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("given == config.metrics_token", True),
        ("if user.password_hash != other: pass", True),
        ("hmac.new(k, b).hexdigest() == mark", True),
        ("hmac.compare_digest(mark, given)", False),
        ("token == ''", False),
        ("kind == other.kind", False),
    ],
)
def test_what_the_walk_catches(line: str, *, caught: bool) -> None:
    assert bool(list(compares(line))) is caught
