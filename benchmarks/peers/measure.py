"""The questions that are put to each contender, and the rounds in which all are put in turn."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.diary_post import diary_of
from benchmarks.load import Request, Result, send_all
from benchmarks.peers.contenders import Running
from benchmarks.system import Phone

POST, WORK, HISTORY = "POST of a diary, 20 symptoms", "work list, 50 alerts", "history, 50 diaries"
MEASURED = (POST, WORK, HISTORY)
OPEN_STATES = ("new", "acknowledged", "acted")

# What was measured of one contender in one round, by question.
Round = dict[str, Result]


@dataclass(slots=True)
class Questions:
    """Requests for every contender: the same diaries in the same order, the same lists."""

    phones: Sequence[Phone]
    nurse_token: str
    asked: list[dict[str, object]]
    days: int

    def post(self, count: int) -> dict[str, list[Request]]:
        """Give the next `count` diaries, day by day, each patient's once a day."""
        made: dict[str, list[Request]] = {"ours": [], "bare": [], "Eve": []}
        while len(made["ours"]) < count:
            if self.days <= 0:
                message = "no days are left to write diaries about"
                raise RuntimeError(message)
            for phone in self.phones:
                body = diary_of(self.days, self.asked)
                # Ours knows from the token whose diary it is.
                named = json.dumps({**body, "subject_id": phone.subject_id}).encode()
                path = "/api/v1/diaries"
                made["ours"].append(Request(path, phone.token, json.dumps(body).encode()))
                made["bare"].append(Request(path, None, named))
                made["Eve"].append(Request(path, None, named))
            self.days -= 1
        return {name: requests[:count] for name, requests in made.items()}

    def work(self, name: str, count: int) -> list[Request]:
        """Ask `count` times for the open alerts of a site, most dangerous first."""
        return [self.work_list(name)] * count

    def work_list(self, name: str) -> Request:
        """Ask once for the open alerts of a site."""
        if name != "Eve":
            return Request("/api/v1/alerts?limit=50", self._token(name))
        where = {"site": "S01", "state": {"$in": OPEN_STATES}}
        return _of_eve("/api/v1/alerts", where, "tier_rank,raised_at,_id")

    def history(self, name: str, count: int) -> list[Request]:
        """Ask `count` times for the newest diaries of a patient, of one after the other."""
        return [
            self._history(name, self.phones[place % len(self.phones)].subject_id)
            for place in range(count)
        ]

    def _history(self, name: str, subject_id: str) -> Request:
        if name != "Eve":
            return Request(f"/api/v1/subjects/{subject_id}/diaries?limit=50", self._token(name))
        return _of_eve("/api/v1/diaries", {"subject_id": subject_id}, "-day,-version")

    def _token(self, name: str) -> str | None:
        return self.nurse_token if name == "ours" else None


@dataclass(frozen=True, slots=True)
class Load:
    """How much of each question makes one round, over how many connections."""

    posts: int
    reads: int
    connections: int
    seconds: float


def rounds(
    running: Sequence[Running], questions: Questions, load: Load, count: int
) -> Iterator[dict[str, Round]]:
    """Put every question to each contender in turn, `count` times; who begins changes each time."""
    for number in range(count):
        turn = [*running[number % len(running) :], *running[: number % len(running)]]
        posts = questions.post(load.posts)
        found: dict[str, Round] = {each.contender.name: {} for each in running}
        for question in MEASURED:
            for each in turn:
                name = each.contender.name
                requests = {
                    POST: posts[name],
                    WORK: questions.work(name, load.reads),
                    HISTORY: questions.history(name, load.reads),
                }[question]
                found[name][question] = send_all(
                    each.url, requests, connections=load.connections, seconds=load.seconds
                )
        yield found


def _of_eve(path: str, where: object, sort: str) -> Request:
    query = urlencode({"where": json.dumps(where), "sort": sort, "max_results": "50"})
    return Request(f"{path}?{query}", None)
