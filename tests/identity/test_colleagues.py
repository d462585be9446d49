"""Names of colleagues: those of one's own sites, and no address of theirs."""

import flask

from tests.people import staff


def test_one_sees_the_people_of_ones_own_sites(app: flask.Flask) -> None:
    nurse = staff(app, "nurse", "S01")
    other = staff(app, "nurse", "S02")
    desk = staff(app, "safety_reviewer", unblinded=True)
    seen = nurse.get("/colleagues").get_json()
    assert {one["id"] for one in seen} == {nurse.id, desk.id}
    assert {one["id"] for one in desk.get("/colleagues").get_json()} == {
        nurse.id,
        other.id,
        desk.id,
    }
    assert seen[0].keys() == {"id", "name", "active", "places"}
    assert {key for one in seen for place in one["places"] for key in place} == {"role", "site"}
