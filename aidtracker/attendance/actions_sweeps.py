"""返校核查: a class says who has not come back, what is known of each is kept up, and a county declares a further day."""

import datetime
from collections.abc import Collection

from aidtracker.attendance.models_sweeps import NotReturned, Sweep, SweepDay
from aidtracker.attendance.queries import expected_ids
from aidtracker.attendance.queries_sweeps import sweep_or_none
from aidtracker.attendance.sweeps import KINDS, LATEST, LONGEST_NOTE, Days, Round, is_late
from aidtracker.attendance.windows import may_take
from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission

FURTHEST = datetime.timedelta(days=366)
MAY_FOLLOW = (Permission.ROLL_SUBMIT, Permission.ROLL_CORRECT, Permission.CASE_WORK)


def confirm_return(*, class_org, round_: Round, absent: Collection[int], base_revision: int, by) -> Sweep:
    """`absent`: ids of those who are not back; nobody is a statement too. Whoever was named before and is not any more counts as
    seen back. Refused: before the day, long after it, strangers, a stale revision (Conflict)."""
    refuse_outsider(class_org, by)
    on = Days(class_org.county_id, round_).of(class_org.parent_id)
    refuse_day(on)
    absent = set(absent)
    with transaction():
        lock("sweep", class_org.id)
        expected = expected_ids(class_org.id, on, "morning")
        refuse_strangers(expected, absent)
        standing, now = sweep_or_none(class_org.id, round_.key), utcnow()
        if (standing.revision if standing else 0) != base_revision:
            raise Conflict("这个班的返校核查刚有人改过，请刷新页面，核对后再提交。", theirs={"revision": standing.revision if standing else 0})
        sweep = standing or Sweep(class_org=class_org.id, school=class_org.parent_id, round=round_.key, on=on, confirmed_by=by, confirmed_at=now)
        if standing is None:
            sweep.is_late = is_late(class_org.county_id, on, now)
        else:
            sweep.revision, sweep.changed_by, sweep.changed_at = standing.revision + 1, by, now
        sweep.expected = len(expected)
        sweep.save()
        write_pupils(sweep, absent, by, now)
        told("confirm_return", sweep.id, "sweep", class_org.county_id, by, ("not_returned",), len(absent))
        return sweep


def write_pupils(sweep: Sweep, absent: set[int], by, now) -> None:
    there = {row.student_id: row for row in NotReturned.select().where(NotReturned.sweep == sweep)}
    for student in absent - there.keys():
        NotReturned.create(sweep=sweep, student=student, changed_by=by, changed_at=now)
    for student, row in there.items():
        if (student in absent) == (row.cleared_at is not None):
            row.cleared_by, row.cleared_at = (None, None) if student in absent else (by, now)
            row.save(only=[NotReturned.cleared_by, NotReturned.cleared_at])


def edit_not_returned(*, row: NotReturned, kind: str, expected_on: datetime.date | None, note: str, by) -> None:
    """What was found out about a pupil who has not come back."""
    refuse_follower(row.sweep.class_org, by)
    if kind not in KINDS:
        raise Refused("请选择去向。")
    if len(note.strip()) > LONGEST_NOTE:
        raise Refused("说明太长了，最多 %(most)s 个字。", most=LONGEST_NOTE)
    if expected_on and not row.sweep.on <= expected_on <= today_in_china() + FURTHEST:
        raise Refused("预计返校的日期不对，请核对。")
    with transaction():
        row.kind, row.expected_on, row.note = kind, expected_on, note.strip() or None
        row.changed_by, row.changed_at = by, utcnow()
        row.save()
        told("edit_not_returned", row.id, "not_returned", row.sweep.class_org.county_id, by, ("kind", "expected_on", "note"))


def declare_sweep(*, county: Org, on: datetime.date, reason: str, by) -> SweepDay:
    refuse_county(county, by)
    if not today_in_china() <= on <= today_in_china() + FURTHEST:
        raise Refused("日期要在今天到一年之内。")
    if not reason.strip():
        raise Refused("请写明原因，例如：国庆假后返校。")
    with transaction():
        lock("sweep day", county.id)
        if SweepDay.select().where((SweepDay.county == county) & (SweepDay.on == on) & SweepDay.withdrawn_at.is_null()).exists():
            raise Refused("这一天已经定为返校核查日。")
        row = SweepDay.create(county=county, on=on, reason=reason.strip(), declared_by=by)
        told("declare_sweep", county.id, "org", county.id, by, ("sweep_day",), reason=reason.strip())
        return row


def withdraw_sweep(*, row: SweepDay, by) -> None:
    """Before a class has answered."""
    refuse_county(row.county, by)
    with transaction():
        lock("sweep day", row.county_id)
        answered = Sweep.select().join(Org, on=Sweep.class_org).where((Sweep.round == row.on.isoformat()) & (Org.county == row.county_id))
        if answered.exists():
            raise Refused("已经有班级核查过，不能撤销。")
        live = (SweepDay.id == row.id) & SweepDay.withdrawn_at.is_null()
        if not SweepDay.update(withdrawn_by=by, withdrawn_at=utcnow()).where(live).execute():
            raise Refused("这个核查日已经撤销了。")
        told("withdraw_sweep", row.county_id, "org", row.county_id, by, ("sweep_day",))


def refuse_outsider(class_org, by) -> None:
    if not may_take(by, class_org):
        raise Forbidden("返校核查由班主任或校级管理员提交。")


def refuse_follower(class_org, by) -> None:
    if not any(by.may(permission, class_org) for permission in MAY_FOLLOW):
        raise Forbidden("你没有更新返校情况的权限。")


def refuse_county(county: Org, by) -> None:
    if county.kind != "county" or not by.may(Permission.CALENDAR_EDIT, county):
        raise Forbidden("返校核查日由教育局设定。")


def refuse_day(on: datetime.date | None) -> None:
    today = today_in_china()
    if on is None or on > today:
        raise Refused("这所学校还没到返校的日子。")
    if today > on + LATEST:
        raise Refused("返校核查已过 %(days)s 天，不再更改。没返校的学生请建个案跟进。", days=LATEST.days)


def refuse_strangers(expected: set[int], absent: set[int]) -> None:
    if not expected:
        raise Refused("这个班这一天没有要返校的学生。")
    if not absent <= expected:
        raise Refused("名单里有学生不在这个班，请刷新页面，核对后再提交。")


def told(action: str, object_id, object_kind: str, county_id, by, fields: tuple, count: int | None = None, reason: str = "") -> None:
    about = {"object_kind": object_kind, "object_id": object_id, "fields": fields, "reason": reason, "county_id": county_id}
    record(action=f"attendance.{action}", by=by, **about, **({"count": count} if count is not None else {}))
