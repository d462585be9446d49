"""Messages: owed with each ring, sent once as a person sees it, in time, or no longer wanted."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from simulator.invariants.evidence import Evidence, Stored, twice
from simulator.invariants.findings import DOUBLED, LATE, LOST, Findings

# A push that FCM takes later than this after the diary, in seconds in which nothing stood in the way.
LATE_SECONDS = 60.0
_OK = "200"
DIGEST = "alert_digest"
_RINGS = ("raised", "repeat", "escalated")
# These ring at once, at any hour.
_AT_ONCE = ("emergency", "urgent")

Key = tuple[str, str, str]


def check_pushes(evidence: Evidence, findings: Findings) -> None:
    """Check the outbox against the alerts, and what FCM received against the outbox."""
    entries = evidence.stored["outbox"]
    accepted = _accepted(evidence)
    rings, silent = _rings_without_message(evidence)
    findings.add(LOST, "each ring is owed to somebody", rings, silent)
    findings.add(
        LOST,
        "each message was sent, withdrawn or handed to the next channel",
        len(entries),
        _left_behind(evidence),
    )
    sent = Counter(_key(entry) for entry in entries if _is_push(entry, "accepted"))
    findings.add(
        LOST,
        "each push that counts as sent reached FCM",
        sum(sent.values()),
        _missing(sent, accepted),
    )
    findings.add(
        DOUBLED,
        "one message per ring, person and channel",
        len(entries),
        twice(
            # A digest is about a site's day, which its collapse key names.
            (entry["collapse_key"], entry["recipient_id"], entry["channel"])
            if entry["message"]["kind"] == DIGEST
            else (*_key(entry), entry["recipient_id"], entry["channel"])
            for entry in entries
        ),
    )
    again = {key: names for key, names in accepted.items() if len(names) > 1}
    findings.add(
        DOUBLED,
        "no push that a person would see twice",
        sum(len(names) for names in accepted.values()),
        (key for key, names in again.items() if len(set(names)) > 1 or None in names),
    )
    findings.numbers["pushes that FCM took"] = sum(len(names) for names in accepted.values())
    findings.numbers["taken twice, one in place of the other on the phone"] = len(again)
    _in_time(evidence, findings)


def _missing(
    sent: Counter[Key], accepted: dict[tuple[str, str, str, str], list[object]]
) -> list[Key]:
    took: Counter[Key] = Counter()
    for (kind, about, revision, _), names in accepted.items():
        took[kind, about.partition(" ")[0], revision] += len(names)
    return [key for key, many in sent.items() if took[key] < many]


def _accepted(evidence: Evidence) -> dict[tuple[str, str, str, str], list[object]]:
    """Give what FCM took: kind, about, revision, address -> the name under which a phone shows it."""
    found: defaultdict[tuple[str, str, str, str], list[object]] = defaultdict(list)
    for one in evidence.received:
        if one.answer == _OK:
            message = one.json["message"]
            data, android = message["data"], message["android"]
            tag = android.get("notification", {}).get("tag")
            # A digest names the alert that heads the list, the same one on two mornings perhaps.
            about = f"{data['id']} {tag}" if data["t"] == DIGEST else data["id"]
            found[data["t"], about, data["v"], str(message.get("fid"))].append(tag)
    return dict(found)


def _key(entry: Stored) -> Key:
    message = entry["message"]
    return (str(message["kind"]), str(message["id"]), str(message["v"]))


def _is_push(entry: Stored, state: str) -> bool:
    return bool(entry["channel"] == "fcm" and entry["state"] == state)


def _rings_without_message(evidence: Evidence) -> tuple[int, list[str]]:
    """Give how often something rang, and the alerts of rings that were owed to nobody.

    One of a patient's alerts rings for all that ring at the same moment.
    """
    owed = {(entry["alert_id"], entry["created_at"]) for entry in evidence.stored["outbox"]}
    rings: defaultdict[tuple[str, object], set[str]] = defaultdict(set)
    for alert in evidence.stored["alerts"]:
        for step in alert["steps"]:
            # Routine alerts wait for the digest; a policy's last step may name nobody.
            nobody = step["step"] == "escalated" and str(step.get("note")).endswith("nobody")
            if step["step"] in _RINGS and alert["tier"] != "routine" and not nobody:
                rings[alert["subject_id"], step["at"]].add(alert["_id"])
    silent = [
        min(ids)
        for (_, at), ids in rings.items()
        if not any((alert_id, at) in owed for alert_id in ids)
    ]
    return len(rings), silent


def _left_behind(evidence: Evidence) -> Iterator[str]:
    """Give the messages that are still owed long after their time, or that ended with nobody's."""
    entries = evidence.stored["outbox"]
    handed = {(*_key(entry), entry["recipient_id"], entry["channel"]) for entry in entries}
    for entry in entries:
        if entry["state"] in ("due", "leased"):
            if evidence.calm(entry["due_at"], evidence.now, also=evidence.foul) > LATE_SECONDS:
                yield str(entry["_id"])
        elif entry["state"] == "dead" and entry.get("then"):
            following = (*_key(entry), entry["recipient_id"], entry["then"][0])
            if following not in handed:
                yield str(entry["_id"])


def _in_time(evidence: Evidence, findings: Findings) -> None:
    """Measure from the POST of a diary to the first push that FCM took, where it rings at once."""
    first: dict[Key, float] = {}
    for one in evidence.received:
        if one.answer == _OK:
            data = one.json["message"]["data"]
            key = (str(data["t"]), str(data["id"]), str(data["v"]))
            first[key] = min(one.at, first.get(key, one.at))
    posted = {receipt.diary_id: receipt.began for receipt in reversed(evidence.told.receipts)}
    assessed = {
        (one["subject_id"], one["at"]): str(one["source_id"])
        for one in evidence.stored["assessments"]
        if one["source_kind"] == "diary"
    }
    subject = {alert["_id"]: alert["subject_id"] for alert in evidence.stored["alerts"]}
    waits: list[float] = []
    late: list[str] = []
    for entry in evidence.stored["outbox"]:
        if entry["channel"] != "fcm" or entry["message"]["kind"] != "alert":
            continue
        began = posted.get(assessed.get((subject.get(entry["alert_id"]), entry["created_at"]), ""))
        at = first.get(_key(entry))
        if began is None or at is None or entry["message"]["tier"] not in _AT_ONCE:
            continue
        waits.append(at - began)
        if evidence.calm_seconds(began, at, also=evidence.foul) > LATE_SECONDS:
            late.append(str(entry["_id"]))
    findings.add(
        LATE,
        f"each push that rings within {LATE_SECONDS:g} s after the diary, faults apart",
        len(waits),
        late,
    )
    ordered = sorted(waits)
    if ordered:
        findings.numbers["push after the POST, s, p50"] = ordered[len(ordered) // 2]
        findings.numbers["push after the POST, s, p99"] = ordered[
            min(len(ordered) - 1, len(ordered) * 99 // 100)
        ]
