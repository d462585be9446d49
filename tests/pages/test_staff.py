"""The nurse's way from the alert to its end, with two nurses at once; the reviewer's to a download."""

import csv
import datetime as dt
import io
import json
import re

from playwright.sync_api import expect

from tests.pages.axe import serious_faults
from tests.pages.conftest import DESK, TABLET, Opening, Site, sign_in
from tests.pages.test_patient import activated, enrolled


def test_two_nurses_see_an_alert_come_live_and_one_closes_it(  # noqa: PLR0915 - one story
    opened: Opening, site: Site
) -> None:
    first, second = opened(DESK), opened(TABLET)
    sign_in(first, "nurse.s01")
    sign_in(second, "investigator.s01")
    for screen in (first, second):
        expect(screen.page.locator(".live.on")).to_be_visible()
    # While both look, a phone sends a dangerous diary.
    subject, code = enrolled(site)
    phone = opened((360, 740))
    page = activated(phone, code)
    page.get_by_role("button", name="Fill in today's diary").click()
    page.get_by_label("Did you throw up blood, or something like coffee grounds?").check()
    page.get_by_role("button", name="Continue").click()
    for _ in range(200):
        if page.get_by_role("button", name="Send to the study team").count():
            break
        skip = page.get_by_role("button", name=re.compile("Skip this|did not measure|Next"))
        skip.last.click()
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Send to the study team").click()
    for screen in (first, second):
        group = screen.page.locator(".group", has_text=subject)
        expect(group).to_contain_text("Emergency", timeout=20_000)
        expect(group.locator(".holder").first).to_have_text("nobody has it")
    # The most dangerous stands first.
    tiers = first.page.locator(".group-head .tier").all_inner_texts()
    order = ["Emergency", "Urgent", "Same day", "Routine"]
    ranks = [next(i for i, word in enumerate(order) if word in tier) for tier in tiers]
    assert ranks == sorted(ranks)
    assert serious_faults(first.page) == []
    assert serious_faults(second.page) == []
    first.shot("nurse-1-work-desk")
    second.shot("nurse-1-work-tablet")

    links = [
        one.page.locator(".group", has_text=subject).locator("a.title") for one in (first, second)
    ]
    for link in links:
        link.first.click()
    for screen in (first, second):
        expect(screen.page.get_by_role("heading", name="Why it rings")).to_be_visible()
        expect(screen.page.get_by_role("heading", name="Drugs on board")).to_be_visible()
        expect(screen.page.get_by_role("heading", name="To ask by telephone")).to_be_visible()
    assert serious_faults(first.page) == []
    first.shot("nurse-2-alert-desk")
    second.shot("nurse-2-alert-tablet")
    first.page.get_by_role("button", name="I have it").click()
    expect(first.page.get_by_text("you have it")).to_be_visible()
    # The other one's page is older now: the answer is refused, nothing is overwritten.
    second.page.get_by_role("button", name="I have it").click()
    expect(second.page.get_by_text("Somebody else changed this meanwhile")).to_be_visible()
    second.faults[:] = [one for one in second.faults if "412" not in one]
    second.page.get_by_role("button", name="Look again").click()
    expect(second.page.get_by_text("Demo nurse has it")).to_be_visible()

    first.page.get_by_role("button", name="Called: reached").click()
    first.page.get_by_label("What was said, and what comes next").fill("is on the way to hospital")
    first.page.locator("form").get_by_role("button", name="Called: reached").click()
    expect(first.page.get_by_text("is on the way to hospital")).to_be_visible()
    first.page.get_by_role("button", name="Close", exact=True).first.click()
    first.page.get_by_label("Why nothing more is to be done").fill("admitted, endoscopy today")
    first.page.get_by_label("yes", exact=True).check()
    first.page.locator("form").get_by_role("button", name="Close").click()
    expect(first.page.get_by_text("This alert is closed.")).to_be_visible()
    alert = site.ask("nurse.s01", "GET", f"/alerts/{first.page.url.rsplit('/', 1)[1]}")
    assert (alert["state"], alert["useful"]) == ("closed", True)


def test_a_nurse_enrols_and_prints_a_card_whose_picture_activates_a_phone(
    opened: Opening, site: Site
) -> None:
    screen = opened(DESK)
    page = sign_in(screen, "nurse.s01")
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("link", name="Enrol a patient").click()
    page.get_by_label(re.compile("^Arm")).select_option("B")
    page.get_by_label("Mesorectal fascia (MRF)").select_option("positive")
    page.get_by_label("Language of the diary").select_option("en")
    page.get_by_label("stools").fill("2")
    assert serious_faults(page) == []
    page.get_by_role("button", name="Enrol", exact=True).click()
    page.get_by_role("button", name="Make the code").click()
    code = page.locator(".printed .code").inner_text()
    assert serious_faults(page) == []
    screen.shot("nurse-3-card-desk")
    subject = page.url.rsplit("/", 1)[1]
    stored = site.ask("nurse.s01", "GET", f"/subjects/{subject}")
    assert stored["baseline"] == {"baseline_stools_per_day": 2}
    activated(opened((360, 740)), code)
    for view in ("silent", "roster"):
        page.goto(f"{site.url}/staff/#/{view}")
        page.locator("main h1").wait_for()
        page.wait_for_load_state("networkidle")
        assert serious_faults(page) == []
        screen.shot(f"nurse-4-{view}-desk")


def test_the_download_equals_the_api_and_filters_hold(opened: Opening, site: Site) -> None:
    screen = opened(DESK)
    page = sign_in(screen, "safety.reviewer")
    day = site.ask("safety.reviewer", "GET", "/overview")["as_of"][:10]
    yesterday = (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
    cut = {"cutoff": yesterday, "reason": "review of the day"}
    site.ask("safety.reviewer", "POST", "/data-cuts/", cut)
    page.goto(f"{site.url}/staff/#/listings/adverse-events")
    page.get_by_text("Filters").click()
    page.get_by_label("Worst provisional grade, from").fill("2")
    page.get_by_label("Worst provisional grade, from").press("Tab")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert serious_faults(page) == []
    screen.shot("reviewer-1-listing-desk")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    found = waiting.value.path().read_bytes()
    asked = site.raw("safety.reviewer", "/listings/adverse-events.csv?grade_min=2")

    def rows(raw: bytes) -> list[list[str]]:
        text = raw.decode("utf-8-sig").splitlines()
        return [line for line in csv.reader(io.StringIO("\n".join(text))) if len(line) > 3]

    assert rows(found) == rows(asked)
    assert len(rows(found)) > 1
    # A data cut is made by the clock within seconds, and offered as another source.
    for _ in range(60):
        cuts = site.ask("safety.reviewer", "GET", "/data-cuts/")["items"]
        if cuts[0]["state"] == "complete":
            break
        page.wait_for_timeout(1000)
    page.reload()
    page.get_by_label("Data").select_option(label=f"cut of {yesterday}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    found = waiting.value.path().read_bytes()
    assert found == site.raw("safety.reviewer", f"/listings/adverse-events.csv?cut={cuts[0]['id']}")


def test_a_reviewer_sees_the_study_and_the_arms_only_for_a_reason(
    opened: Opening, site: Site
) -> None:
    blind = opened(DESK)
    page = sign_in(blind, "safety.reviewer")
    page.goto(f"{site.url}/staff/#/study")
    expect(page.locator("#incidence")).to_contain_text("without the arms")
    expect(page.get_by_role("button", name="Show by arm")).to_have_count(0)
    assert serious_faults(page) == []
    blind.shot("reviewer-2-study-desk")

    screen = opened(DESK)
    page = sign_in(screen, "safety.reviewer.unblinded")
    page.goto(f"{site.url}/staff/#/study")
    page.get_by_label("Reason to see the arms").fill("monitoring committee of the day")
    page.get_by_role("button", name="Show by arm").click()
    expect(page.get_by_text("Arm A (n=")).to_have_count(1)
    assert serious_faults(page) == []
    screen.shot("reviewer-3-by-arm-desk")
    page.goto(f"{site.url}/staff/#/audit")
    page.get_by_label("Action").fill("arm:unblinded")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("monitoring committee of the day")).to_be_visible()
    assert serious_faults(page) == []
    screen.shot("reviewer-4-audit-desk")


def test_rules_are_pages_with_sources_and_a_replay_changes_nothing(
    opened: Opening, site: Site
) -> None:
    screen = opened(DESK)
    page = sign_in(screen, "safety.reviewer")
    page.goto(f"{site.url}/staff/#/rules/flag/DIARRHOEA")
    expect(page.get_by_text("ASCO 2021 table 2.1").first).to_be_visible()
    assert serious_faults(page) == []
    screen.shot("reviewer-5-rule-desk")
    page.goto(f"{site.url}/staff/#/rules/replay")
    page.get_by_label("Since").fill("2026-01-01")
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.locator("section[role=status]")).to_contain_text(
        "0 would come out otherwise", timeout=60_000
    )
    page.goto(f"{site.url}/staff/#/patient/S01-0001")
    page.locator("img.picture").first.wait_for()
    assert serious_faults(page) == []
    screen.shot("reviewer-6-patient-desk")


def test_roles_open_only_their_views_and_a_wrong_password_says_nothing(
    opened: Opening, site: Site
) -> None:
    screen = opened(DESK)
    page = screen.page
    page.goto(f"{site.url}/staff/")
    page.get_by_label("E-mail").fill("nobody@demo.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("E-mail or password is not right.")
    screen.faults[:] = [one for one in screen.faults if "401" not in one]
    assert serious_faults(page) == []
    page = sign_in(screen, "administrator")
    assert page.get_by_role("link", name="Work list").count() == 0
    page.goto(f"{site.url}/staff/#/work")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail").wait_for()
    assert json.loads(page.evaluate("JSON.stringify(localStorage.getItem('staff-tokens'))")) is None


def test_a_judgement_is_signed_beside_the_provisional_grade(opened: Opening, site: Site) -> None:
    screen = opened(DESK)
    page = sign_in(screen, "investigator.s01")
    page.goto(f"{site.url}/staff/#/patient/S01-0002/events")
    page.locator("tbody a").first.click()
    page.get_by_role("heading", name="Judge it").wait_for()
    assert serious_faults(page) == []
    event = page.url.rsplit("/", 1)[1]
    before = site.ask("nurse.s01", "GET", f"/adverse-events/{event}")
    page.get_by_label(re.compile("^Grade")).select_option("3")
    page.get_by_label(re.compile("^Outcome")).select_option("RECOVERING/RESOLVING")
    for select in page.get_by_label(re.compile("^Relation to")).all():
        select.select_option("POSSIBLY RELATED")
    for select in page.get_by_label(re.compile("^Action with")).all():
        select.select_option("DOSE NOT CHANGED")
    page.get_by_label("Why", exact=True).fill("seen in the clinic today")
    page.get_by_role("button", name="Sign the judgement").click()
    expect(page.get_by_text("as investigator")).not_to_have_count(len(before["adjudications"]))
    after = site.ask("nurse.s01", "GET", f"/adverse-events/{event}")
    assert after["adjudications"][-1]["grade"] == 3
    assert after["worst_grade"] == before["worst_grade"]
    screen.shot("nurse-5-judgement-desk")
