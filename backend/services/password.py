"""What a password may be: NIST SP 800-63B-4, section 3.1.1.2.

At least 15 characters, because a password may be all that is asked for; no rule on kinds of characters and
no change by the calendar. What is refused is what is tried first: the service's and the person's own words,
one thing over and over, runs of the keyboard, and the long ones that everybody else has thought of.
"""

import unicodedata
from collections.abc import Iterator

SHORTEST, LONGEST = 15, 128
# Fewer different characters than this are a pattern, however long.
_FEWEST_KINDS = 5
_OURS = ("pro-ae", "proae", "backend", "oncology", "trial", "study", "password", "passphrase")
# Rows of keyboards and the alphabet, for runs of eight in either direction.
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_RUN = 8
# Long ones of public lists of the most frequent passwords, and famous examples.
_COMMON = frozenset(
    {
        "correcthorsebatterystaple",
        "iloveyouforever",
        "letmeinletmeinletmein",
        "thisismypassword",
        "changemechangeme",
        "administrator123",
        "welcomewelcome123",
        "opensesameopensesame",
        "thequickbrownfox",
        "mynameismyname",
        "whateverwhatever",
        "princessprincess",
        "dragondragondragon",
        "liverpoolliverpool",
        "trustno1trustno1",
    }
)


def normal_password(password: str) -> str:
    """Give the one form of a password that is hashed: NFKC, so that two keyboards type the same."""
    return unicodedata.normalize("NFKC", password)


def password_faults(password: str, *own: str) -> Iterator[str]:
    """Say what is wrong with a new password; `own` are words of the person: name and e-mail."""
    text = normal_password(password)
    if not SHORTEST <= len(text) <= LONGEST:
        yield f"{SHORTEST} to {LONGEST} characters are needed"
        return
    folded = "".join(filter(str.isalnum, text.casefold()))
    if len(set(text.casefold())) < _FEWEST_KINDS:
        yield "too few different characters"
    elif folded in _COMMON:
        yield "a password that many others use"
    elif len(_without(folded, _words(own))) < SHORTEST // 2:
        yield "little more than your own name, e-mail or this service's"
    elif _is_run(folded):
        yield "a run of the keyboard"


def _words(own: tuple[str, ...]) -> list[str]:
    parts = [part for text in own for part in text.casefold().replace("@", " ").split()]
    known = ["".join(filter(str.isalnum, part)) for part in (*_OURS, *parts)]
    # The longest first, so that a part does not break the whole; shorter ones are in every text.
    return sorted((word for word in known if len(word) > len("abc")), key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


def _is_run(text: str) -> bool:
    """Tell whether most of it is runs of a keyboard or the alphabet."""
    covered = [False] * len(text)
    for start in range(len(text) - _RUN + 1):
        part = text[start : start + _RUN]
        if any(part in row or part in row[::-1] for row in _ROWS):
            covered[start : start + _RUN] = [True] * _RUN
    return sum(covered) * 2 > len(text)
