"""From a User-Agent to the kind of client in a few known words; the text itself is kept nowhere."""

# The first that is found counts: most browsers also name those whose pages they wish to be given.
_BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("okhttp/", "an app"),
    ("Dart/", "an app"),
    ("CFNetwork/", "an app"),
    ("curl/", "curl"),
    ("python-requests/", "a Python script"),
    ("Python-urllib/", "a Python script"),
)
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
# Longer than any browser's; a longer text is not worth reading to its end.
_LONGEST = 512


def client_of(user_agent: str) -> str | None:
    """Give the kind of client, such as `Firefox on Windows`; None: it does not say.

    Only words from the tables above come out: a whole User-Agent can tell one person from another,
    and a client can write anything into it.
    """
    text = user_agent[:_LONGEST]
    if not text:
        return None
    browser = next((name for mark, name in _BROWSERS if mark in text), "another client")
    system = next((name for mark, name in _SYSTEMS if mark in text), None)
    return browser if system is None else f"{browser} on {system}"
