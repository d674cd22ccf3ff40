"""Taking a list out that was brought in by mistake; making a record of a listed child who has none."""

from aidtracker.audit.actions import record
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.census.queries import listed_within, visible_snapshots
from aidtracker.db import transaction
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.permissions import Permission
from aidtracker.students.actions import prepared, refuse_doubles, write_readings
from aidtracker.students.models import RESIDENT, Student


def remove_snapshot(*, snapshot: Snapshot, by) -> int:
    """The whole list with its children, for a file of a wrong day or county; returns how many children were on it."""
    if not visible_snapshots(by, Permission.CENSUS_IMPORT).where(Snapshot.id == snapshot.id).exists():
        raise Forbidden("你没有删除这份名单的权限，请联系县教育局。")
    with transaction():
        count = ListedChild.delete().where(ListedChild.snapshot == snapshot).execute()
        if not Snapshot.delete().where(Snapshot.id == snapshot.id).execute():
            raise NotFound("这份名单已经被删除。")
        told("remove_snapshot", "snapshot", snapshot.uid, by, snapshot.county_id, count, f"{snapshot.kind} {snapshot.dated.isoformat()}")
    return count


def register_child(*, child: ListedChild, by) -> Student:
    """A record without a class, as the list tells it, so that a case can be opened. Refused when the ID has a record already."""
    if not ListedChild.select().where((ListedChild.id == child.id) & listed_within(by.scopes(Permission.STUDENT_EDIT))).exists():
        raise Forbidden("你没有给这个孩子建立学生记录的权限，请联系县教育局。")
    if not is_complete(child):
        raise Refused("名单里看不出%(name)s的性别或出生日期，请在「学生」里新增。", name=child.name)
    with transaction():
        return make_record(child, by)


def is_complete(child: ListedChild) -> bool:
    return bool(child.sex and child.born_on)


def make_record(child: ListedChild, by) -> Student:
    """Within the caller's transaction; the list must tell sex and day of birth."""
    county_id = child.snapshot.county_id
    values = {name: getattr(child, name) for name in ("name", "sex", "born_on", "ethnicity", "id_number", "home_code")}
    fields = prepared(values | {"id_kind": RESIDENT, "entered_on": ""}, county_id)
    refuse_doubles(fields, county_id, None, by)
    student = Student.create(**fields, county=county_id, mode="day")
    write_readings(student)
    told("register_child", "student", student.uid, by, county_id, None, f"{child.snapshot.kind} {child.snapshot.dated.isoformat()}", values)
    return student


def export_matching(*, comparison, name: str, count: int, by) -> None:
    """That somebody took a result away; nothing changes."""
    snapshot = comparison.snapshot
    with transaction():
        told("export_matching", "snapshot", snapshot.uid, by, snapshot.county_id, count, f"{snapshot.kind} {snapshot.dated.isoformat()} {name}")


def told(action: str, kind: str, uid: str, by, county_id: int, count: int | None, reason: str, fields=()) -> None:
    record(
        action=f"census.{action}",
        by=by,
        object_kind=kind,
        object_id=uid,
        count=count,
        fields=tuple(fields),
        reason=reason,
        county_id=county_id,
    )
