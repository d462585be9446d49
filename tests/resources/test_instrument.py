"""What a phone is told to ask, in which order, with the limits of what it may send."""

import flask

from tests.people import enrolled, phone, staff


def test_what_is_asked_after_what_can_be_drawn_from_the_answer_alone(app: flask.Flask) -> None:
    nurse = staff(app, "nurse", "S01")
    asked = phone(nurse, enrolled(nurse)).get("/instruments/diary?language=zh").get_json()
    questions = {one["name"]: one for one in asked["observations"]}
    for part in (*asked["after_symptoms"], *asked["after_answers"], {"ask": asked["danger"]}):
        assert set(part["ask"]) <= questions.keys()
    assert questions["stool_mucus"]["choice_titles"]["new"] == "新出现"
    assert {one["name"] for one in asked["observations"] if one["choices"]} == {
        one["name"] for one in asked["observations"] if one["choice_titles"]
    }
    limits = {(one["vital"], one["unit"]): one for one in asked["vital_limits"]}
    assert limits["temperature", "Cel"] == {
        "vital": "temperature",
        "unit": "Cel",
        "minimum": 30,
        "maximum": 45,
    }
    assert limits["temperature", "[degF]"]["minimum"] > limits["temperature", "Cel"]["maximum"]
    assert limits["glucose", "mg/dL"]["maximum"] > limits["glucose", "mmol/L"]["maximum"]
    assert asked["area_answers"]["rash"] in questions
    regions = {one["id"]: one for one in asked["body_regions"]}
    assert len(regions) == len(asked["body_regions"]) == 34
    assert regions["left_hand_palm"] == {
        "id": "left_hand_palm",
        "title": "左手掌",
        "view": "front",
        "side": "left",
    }
