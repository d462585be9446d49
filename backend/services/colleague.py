"""Who works at one's sites: names beside ids, and nothing else of an account."""

from dataclasses import dataclass

from backend import access
from backend.access import Action, Actor
from backend.errors import Forbidden
from backend.models.staff import StaffRecord, all_staff


@dataclass(frozen=True, slots=True)
class Place:
    """A role at a site (None: at every site)."""

    role: str
    site: str | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person by name, with the roles that the reader's sites know them in."""

    id: str
    name: str
    active: bool
    places: tuple[Place, ...]


def list_colleagues(*, actor: Actor) -> tuple[Colleague, ...]:
    """Give everybody with a grant at the actor's sites, closed accounts included, by name.

    A closed account stays in the list: an old alert still says who took it.

    Raises:
        Forbidden: the actor is no member of staff.
    """
    scope = access.scope(actor, Action.COLLEAGUE_READ)
    if scope == access.Scope():
        raise Forbidden
    seen = ((person, _places(person, scope)) for person in all_staff())
    found = (
        Colleague(person.id, person.name, person.active, places)
        for person, places in seen
        if places
    )
    return tuple(sorted(found, key=lambda one: (one.name, one.id)))


def _places(person: StaffRecord, scope: access.Scope) -> tuple[Place, ...]:
    return tuple(
        Place(str(grant.role), grant.site)
        for grant in person.grants
        if scope.sites is None or grant.site is None or grant.site in scope.sites
    )
