"""Putting a place into the tree: the one function that makes an org, and the one that moves it."""

from aidtracker.db import insert_rows, reserve_ids, utcnow
from aidtracker.orgs.models import Org


def add_org(*, kind: str, code: str, name: str, parent: Org | None) -> Org:
    """A new org with its path; inside the caller's transaction."""
    org = Org.create(kind=kind, code=code, name=name, parent=parent, county=parent.county_id if parent else None)
    org.path = f"{parent.path if parent else '/'}{org.id}/"
    if kind == "county":
        org.county = org
    org.save(only=[Org.path, Org.county])
    return org


def add_orgs(kind: str, places: list[tuple[str, str, Org]]) -> dict[str, Org]:
    """Many at once, each (code, name, parent); {code: Org}. Inside the caller's transaction."""
    now, made = utcnow(), {}
    for id_, (code, name, parent) in zip(reserve_ids(Org, len(places)), places, strict=True):
        path = f"{parent.path}{id_}/"
        org = Org(id=id_, kind=kind, code=code, name=name, parent=parent, county=parent.county_id, path=path)
        made[code] = org
    columns = ("id", "kind", "code", "name", "parent_id", "county_id", "path", "created_at")
    rows = [(o.id, kind, o.code, o.name, o.parent_id, o.county_id, o.path, str(now)) for o in made.values()]
    insert_rows(Org, columns, rows)
    return made


def move_org(org: Org, parent: Org) -> None:
    """Under another parent, with everything below it; inside the caller's transaction."""
    before, after = org.path, f"{parent.path}{org.id}/"
    county = org.county_id if org.kind == "county" else parent.county_id
    for below in Org.select(Org.id, Org.path).where(Org.path.startswith(before)):
        path = after + below.path[len(before) :]
        Org.update(path=path, county=county).where(Org.id == below.id).execute()
    Org.update(parent=parent).where(Org.id == org.id).execute()
    org.parent, org.path, org.county = parent, after, county
