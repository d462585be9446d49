"""The patient's way on a 360 px phone: the card's code, one question at a time, offline and back."""

import datetime as dt
import json
import re
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.pages.axe import serious_faults
from tests.pages.conftest import PHONE, Opening, Screen, Site

_MEASURED = {
    "Temperature": ["37.2"],
    "Blood pressure and pulse": ["128", "81", "77"],
    "Weight": ["66"],
}


def enrolled(site: Site, language: str = "en") -> tuple[str, str]:
    """Enrol a patient and make the card's code."""
    body = {
        "site": "S01",
        "arm": "A",
        "mrf": "negative",
        "zone": "Asia/Shanghai",
        "language": language,
        "baseline": {"baseline_stools_per_day": 2, "baseline_weight_kg": 65.5},
    }
    subject = site.ask("nurse.s01", "POST", "/subjects", body)["id"]
    code = site.ask("nurse.s01", "POST", f"/subjects/{subject}/activation-codes", {})["code"]
    return subject, code


def activated(screen: Screen, code: str) -> Page:
    """Open the address that the card's picture holds, and begin."""
    page = screen.page
    page.goto(f"{screen.site.url}/app/#/activate/{code}")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Fill in today's diary").wait_for()
    return page


def answer_all(
    page: Page, *, worst: dict[str, int] | None = None, until: str = "Your answers"
) -> int:
    """Answer by large buttons, the first one unless `worst` says another; give how many screens."""
    for number in range(1, 150):
        page.wait_for_timeout(30)
        head = page.locator("h1").inner_text()
        if until in head:
            return number
        if page.locator("form > .stepper").count():
            page.locator("form > .stepper input").fill("3")
            page.get_by_role("button", name="Next").click()
        elif page.locator(".measure").count():
            fields = page.locator(".measure input")
            for index, value in enumerate(_MEASURED[head]):
                fields.nth(index).fill(value)
            page.get_by_role("button", name="Next").click()
        elif "Is any of this new" in head:
            page.get_by_role("button", name="None of these").click()
        elif head.startswith("Anything else"):
            page.get_by_role("button", name="Next").click()
        elif head.startswith("A photo"):
            page.get_by_role("button", name="Without a photo").click()
        elif "Where is it" in head:
            page.get_by_role("button", name="Skip").click()
        else:
            wanted = next((at for part, at in (worst or {}).items() if part in head), 0)
            page.locator("button.choice").nth(wanted).click()
    message = f"no end after {head}"
    raise AssertionError(message)


def test_a_patient_answers_offline_and_the_diary_arrives_when_the_line_is_back(
    opened: Opening, site: Site
) -> None:
    screen = opened(PHONE)
    subject, code = enrolled(site)
    page = activated(screen, code)
    # The code is gone from the address, and from what "back" would show.
    assert code not in page.url
    assert serious_faults(page) == []
    screen.shot("patient-1-today-phone")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    screen.context.set_offline(True)
    page.get_by_role("button", name="Fill in today's diary").click()
    assert serious_faults(page) == []
    screen.shot("patient-2-danger-phone")
    screens = answer_all(page, worst={"Loose or watery": 3})
    # The symptom that is there is asked about further.
    summary = page.locator(".answers").inner_text()
    assert "Do loose stools wake you at night?" in summary
    assert "no stool" not in summary
    assert screens > 25
    assert serious_faults(page) == []
    page.get_by_role("button", name="Send to the study team").click()
    expect(page.locator(".state.waiting")).to_contain_text("Saved on this phone")
    expect(page.locator(".state.good")).to_have_count(0)
    screen.shot("patient-3-saved-phone")
    assert site.ask("nurse.s01", "GET", f"/subjects/{subject}/diaries")["items"] == []

    # The phone is restarted without a connection: the page opens, and nothing was lost.
    page.reload()
    expect(page.locator(".state.waiting")).to_contain_text("Saved on this phone")

    page.get_by_role("button", name="Try to send now").click()
    expect(page.get_by_role("button", name="Try to send now")).to_be_enabled()
    expect(page.locator(".state.waiting")).to_contain_text("Saved on this phone")
    # The line is back: it is sent by itself, without a touch.
    screen.context.set_offline(False)
    received = page.locator(".state.good")
    expect(received).to_contain_text("Received by the study team", timeout=20_000)
    expect(page.locator(".advice")).to_be_visible()
    screen.shot("patient-4-received-phone")
    (diary,) = site.ask("nurse.s01", "GET", f"/subjects/{subject}/diaries")["items"]
    assert diary["scores"]["diarrhea_frequency"] == 3
    assert diary["answers"]["temperature_c"] == 37.2
    assert diary["answers"]["chest_pain"] is False
    # Offline, Chromium itself reports each failed request as an error.
    screen.faults[:] = [one for one in screen.faults if "ERR_INTERNET_DISCONNECTED" not in one]

    page.get_by_role("link", name="History").click()
    expect(page.locator(".day.now.done")).to_be_visible()
    page.locator(".plot canvas").wait_for()
    assert serious_faults(page) == []
    screen.shot("patient-5-history-phone")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Daily reminder at").fill("20:15")
    expect(page.get_by_text("Saved.", exact=True).first).to_be_visible()
    assert serious_faults(page) == []
    screen.shot("patient-6-settings-phone")
    own = site.ask("nurse.s01", "GET", f"/subjects/{subject}/devices")["items"]
    assert own[0]["reminder_time"] == "20:15"


def test_danger_is_told_at_once_and_the_emergency_stands_first(opened: Opening, site: Site) -> None:
    screen = opened(PHONE)
    _, code = enrolled(site)
    page = activated(screen, code)
    page.get_by_role("button", name="Fill in today's diary").click()
    page.get_by_label("Do you have new pain, pressure or tightness in your chest?").check()
    dial = page.get_by_role("link", name="Call emergency 120")
    expect(dial).to_have_attribute("href", "tel:120")
    page.get_by_role("button", name="Continue").click()
    answer_all(page)
    page.get_by_role("button", name="Send to the study team").click()
    expect(page.locator(".advice h2")).to_have_text("Get help now")
    expect(page.locator(".advice h2")).to_be_focused()
    places = [page.locator(css).bounding_box() for css in (".advice", ".state.good")]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0]["y"] < places[1]["y"]
    assert serious_faults(page) == []
    screen.shot("patient-7-emergency-phone")


def test_marks_palms_a_photo_and_a_unit_are_checked_and_arrive(
    opened: Opening, site: Site, tmp_path: Path
) -> None:
    screen = opened(PHONE)
    subject, code = enrolled(site)
    page = activated(screen, code)
    picture = tmp_path / "skin.jpg"
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    Image.new("RGB", (2400, 1200), "salmon").save(picture, exif=exif)

    page.get_by_role("button", name="Fill in today's diary").click()
    answer_all(page, worst={"rash": 1, "Rash": 1}, until="Where is it")
    page.get_by_label("Chest").check()
    page.get_by_role("button", name="Chest: More").click()
    page.get_by_role("button", name="Chest: More").click()
    expect(page.get_by_text("Together about 2 palms (2 % of your skin)")).to_be_visible()
    assert serious_faults(page) == []
    screen.shot("patient-8-body-phone")
    page.get_by_role("button", name="Next").click()
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_alt_text("Photo 1")).to_be_visible()
    screen.shot("patient-9-photo-phone")
    page.get_by_role("button", name="Next").click()
    answer_all(page, until="Temperature")
    page.get_by_label("Temperature").fill("99.5")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name=re.compile("Is this in °F")).click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Blood pressure, upper number").fill("80")
    page.get_by_label("Blood pressure, lower number").fill("120")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("must be higher")
    answer_all(page)
    page.get_by_role("button", name="Send to the study team").click()
    expect(page.locator(".state.good").first).to_be_visible()

    (diary,) = site.ask("nurse.s01", "GET", f"/subjects/{subject}/diaries")["items"]
    assert diary["answers"]["rash_bsa_percent"] == 2
    assert [(one["region"], one["palms"]) for one in diary["body_map"]] == [("chest", 2)]
    assert diary["answers"]["temperature_f"] == 99.5
    expect(page.locator(".state.waiting")).to_have_count(0)
    (photo,) = site.ask("nurse.s01", "GET", f"/subjects/{subject}/photos")["items"]
    assert photo["submission_id"] == diary["submission_id"]
    assert (photo["width"], photo["height"]) == (1600, 800)
    stored = site.raw("nurse.s01", f"/photos/{photo['photo_id']}")
    assert b"secret" not in stored


def test_in_chinese_at_double_text_nothing_is_cut_off(opened: Opening, site: Site) -> None:
    screen = opened(PHONE)
    _, code = enrolled(site, "zh")
    page = screen.page
    page.goto(f"{site.url}/app/#/activate/{code}")
    page.get_by_role("button", name="简体中文").click()
    page.get_by_role("button", name="开始").click()
    page.get_by_role("button", name="填写今天的日记").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.add_style_tag(url=f"{site.url}/pages/{_version(page)}/shared/base.css")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for name in ("填写今天的日记", "都没有"):
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        screen.shot(f"patient-zh-200-{'today' if name.startswith('填') else 'danger'}-phone")
        page.get_by_role("button", name=name).click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert serious_faults(page) == []
    # Every target is large enough for a thumb: 44 CSS pixels and more.
    heights = page.evaluate(
        "[...document.querySelectorAll('main button')].map((one) => one.offsetHeight)"
    )
    assert min(heights) >= 44


def test_a_diary_begun_is_there_after_another_days_and_after_a_crash(
    opened: Opening, site: Site
) -> None:
    screen = opened(PHONE)
    _, code = enrolled(site)
    page = activated(screen, code)
    page.get_by_role("button", name="Fill in today's diary").click()
    page.get_by_role("button", name="None of these").click()
    head = page.locator("h1").inner_text()
    today = page.url.rsplit("/", 1)[1]
    yesterday = (dt.date.fromisoformat(today) - dt.timedelta(days=1)).isoformat()
    page.evaluate(f"location.hash = '#/diary/{yesterday}'")
    page.get_by_role("button", name="None of these").click()
    page.goto("about:blank")
    page.goto(f"{site.url}/app/")
    page.get_by_role("button", name="Go on with today's diary").click()
    expect(page.locator("h1")).to_have_text(re.sub(r"\s+", " ", head))


def test_a_photo_too_large_to_send_is_made_smaller_on_the_phone(
    opened: Opening, site: Site, tmp_path: Path
) -> None:
    screen = opened(PHONE)
    subject, code = enrolled(site)
    page = activated(screen, code)
    picture = tmp_path / "noise.jpg"
    Image.effect_noise((1600, 1600), 200).convert("RGB").save(picture, quality=95)
    page.get_by_role("button", name="Fill in today's diary").click()
    answer_all(page, worst={"rash": 1, "Rash": 1}, until="A photo")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_alt_text("Photo 1")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    answer_all(page)
    page.get_by_role("button", name="Send to the study team").click()
    expect(page.locator(".state.good").first).to_be_visible()
    expect(page.locator(".state.waiting")).to_have_count(0)
    (photo,) = site.ask("nurse.s01", "GET", f"/subjects/{subject}/photos")["items"]
    assert (photo["width"], photo["height"]) == (1600, 1600)


def test_what_is_copied_from_the_phone_is_of_no_use_without_its_key(
    opened: Opening, site: Site
) -> None:
    screen = opened(PHONE)
    subject, code = enrolled(site)
    page = activated(screen, code)
    (device,) = site.ask("nurse.s01", "GET", f"/subjects/{subject}/devices")["items"]
    assert device["bound"] is True
    stolen = page.evaluate(
        """new Promise((done) => { const open = indexedDB.open('diary');
        open.onsuccess = () => {
            const kept = open.result.transaction('kept').objectStore('kept');
            const tokens = kept.get('tokens'), key = kept.get('key');
            key.onsuccess = () => crypto.subtle.exportKey('jwk', key.result.private).then(
                () => done({ leaked: true }),
                () => done({ tokens: tokens.result }),
            );
        }; })"""
    )
    assert not stolen.get("leaked")
    for scheme in ("Bearer", "DPoP"):
        assert status(site, "GET", "/device", f"{scheme} {stolen['tokens']['access_token']}") == 401
    body = {"refresh_token": stolen["tokens"]["refresh_token"]}
    assert status(site, "POST", "/sessions/refresh", None, body) == 401
    # The phone itself goes on, with its next token too: made to look as if the first had run out.
    page.evaluate(
        """new Promise((done) => { const open = indexedDB.open('diary');
        open.onsuccess = () => {
            const kept = open.result.transaction('kept', 'readwrite').objectStore('kept');
            const tokens = kept.get('tokens');
            tokens.onsuccess = () => {
                kept.put({ ...tokens.result, good_until: 0 }, 'tokens').onsuccess = () => done(null);
            };
        }; })"""
    )
    with page.expect_response(re.compile("sessions/refresh")) as renewed:
        page.reload()
    assert renewed.value.status == 200
    page.get_by_role("button", name="Fill in today's diary").wait_for()


def status(
    site: Site, method: str, path: str, authorization: str | None, body: object = None
) -> int:
    """Ask the API from elsewhere, and give the status alone."""
    headers = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    request = urllib.request.Request(  # noqa: S310 - our own demo on loopback
        f"{site.url}/api/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers=headers,
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


def test_a_used_code_is_refused_in_plain_words(opened: Opening, site: Site) -> None:
    _, code = enrolled(site)
    activated(opened(PHONE), code)
    second = opened(PHONE)
    second.page.goto(f"{site.url}/app/#/activate/{code}")
    second.page.get_by_role("button", name="Start").click()
    expect(second.page.get_by_role("alert")).to_contain_text("This code is not valid")
    second.faults[:] = [one for one in second.faults if "status of 4" not in one]


def test_what_is_kept_on_the_phone_is_forgotten_when_it_leaves(opened: Opening, site: Site) -> None:
    screen = opened(PHONE)
    _, code = enrolled(site)
    page = activated(screen, code)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Disconnect this phone").click()
    page.get_by_role("button", name="Disconnect now").click()
    page.get_by_label("Activation code").wait_for()
    kept = page.evaluate(
        "new Promise((done) => { const open = indexedDB.open('diary');"
        " open.onsuccess = () => { const all = open.result.transaction('kept').objectStore('kept').getAllKeys();"
        " all.onsuccess = () => done(all.result); }; })"
    )
    assert "tokens" not in kept
    assert "device" not in kept


def _version(page: Page) -> str:
    return str(page.evaluate("document.querySelector('link[rel=stylesheet]').href.split('/')[4]"))
