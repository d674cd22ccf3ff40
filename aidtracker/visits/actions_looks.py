"""Finding what is worth a second look, once a night; and keeping that somebody looked.

Derived anew and laid beside what stands: what nobody has looked at and is no longer so goes away; what was looked at stays.
"""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import chunks_of, lock, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.visits.looking import bounds_of, photos_used_twice, recorded_since, since_last_round, since_of, visits_seen, with_new_photos
from aidtracker.visits.models import Visit
from aidtracker.visits.models_looks import LONGEST_REMARK, FormerLook, SecondLook
from aidtracker.visits.oddities import Found, found_in
from aidtracker.visits.queries import may_with
from aidtracker.visits.queries_looks import is_own_look


def find_second_looks(*, county_id: int, today: datetime.date, by=None) -> int:
    """Returns how many changed. Joins the night's transaction."""
    with transaction():
        lock("second_looks", county_id)
        standing = standing_of(county_id, today)
        wanted = {(one.visit_id, one.reason): one for one in [*found_in(visits_seen(county_id, today), bounds_of(county_id, today)), *photos(county_id, today, standing)]}
        changed = settle(county_id, standing, wanted)
        if changed:
            record(action="visits.find_second_looks", by=by, object_kind="org", object_id=str(county_id), count=changed, county_id=county_id)
    return changed


def standing_of(county_id: int, today: datetime.date) -> dict[tuple[int, str], SecondLook]:
    """Of the visits that are looked through; what is older stays as it is."""
    rows = SecondLook.select().join(Visit).where(recorded_since(county_id, since_of(today)))
    return {(row.visit_id, row.reason): row for row in rows}


def photos(county_id: int, today: datetime.date, standing: dict) -> list[Found]:
    """Of those that came since the last night, and of those that stand already."""
    since = since_last_round(county_id, today)
    kept = [visit_id for visit_id, reason in standing if reason == "same_photo"]
    return photos_used_twice([*with_new_photos(county_id, since), *Visit.select().where(Visit.id.in_(kept))])


def settle(county_id: int, standing: dict, wanted: dict[tuple[int, str], Found]) -> int:
    gone = [row.id for key, row in standing.items() if row.looked_at is None and key not in wanted]
    new = [one for key, one in wanted.items() if key not in standing]
    other = [(standing[key], list(one.others)) for key, one in wanted.items() if key in standing]
    grown = [(row, others) for row, others in other if row.looked_at is None and row.others != others]
    for some in chunks_of(gone):
        SecondLook.delete().where(SecondLook.id.in_(some) & SecondLook.looked_at.is_null()).execute()
    for some in chunks_of(new, columns=len(SecondLook._meta.fields)):
        SecondLook.insert_many([{"county": county_id, "visit": one.visit_id, "reason": one.reason, "others": list(one.others)} for one in some]).execute()
    for row, others in grown:
        SecondLook.update(others=others).where((SecondLook.id == row.id) & SecondLook.looked_at.is_null()).execute()
    return len(gone) + len(new) + len(grown)


def close_second_look(*, second_look: SecondLook, remark: str, by) -> None:
    """已看过, with what was found out."""
    refuse_looker(second_look, by)
    if len(remark) > LONGEST_REMARK:
        raise Refused("写得太长了，每一项最多 %(most)s 个字。", most=LONGEST_REMARK)
    with transaction():
        moved_on(second_look, {"looked_by": by.id, "looked_at": utcnow(), "remark": remark.strip() or None})
        about = {"object_kind": "visit", "object_id": second_look.visit.uid, "county_id": second_look.county_id}
        record(action="visits.close_second_look", by=by, fields=("state", "look_remark"), **about)


def reopen_second_look(*, second_look: SecondLook, by) -> None:
    """Taken back; what was said stays with it."""
    refuse_looker(second_look, by)
    with transaction():
        lock("second_looks", second_look.county_id)
        stood = SecondLook.get_by_id(second_look.id)
        said = {"looked_by": stood.looked_by_id, "looked_at": stood.looked_at, "remark": stood.remark}
        moved_on(second_look, {"looked_by": None, "looked_at": None, "remark": None})
        FormerLook.create(second_look=second_look, withdrawn_by=by.id, **said)
        about = {"object_kind": "visit", "object_id": second_look.visit.uid, "county_id": second_look.county_id}
        record(action="visits.reopen_second_look", by=by, fields=("state", "look_remark"), **about)


def refuse_looker(second_look: SecondLook, by) -> None:
    if not may_with(by, Permission.VISIT_VERIFY, second_look.visit):
        raise Forbidden("值得再看的家访由乡镇专干或教育局看。")
    if is_own_look(by, second_look):
        raise Forbidden("自己去过、记过或改过的家访，要由别人再看。")


def moved_on(second_look: SecondLook, fields: dict) -> None:
    """Of two who look at once, one writes."""
    is_open = SecondLook.looked_at.is_null(fields["looked_at"] is not None)
    for name, value in fields.items():
        setattr(second_look, name, value)
    columns = {SecondLook._meta.fields[name]: second_look.__data__[name] for name in fields}
    if not SecondLook.update(columns).where((SecondLook.id == second_look.id) & is_open).execute():
        raise Conflict("刚才已有人处理过这一条。请刷新后再看。")
