"""The year rollover (升级) of one school, in one transaction; asking for it, for a school or a county; taking it back.

It holds from 1 September. Asked for earlier it waits as an order, so that until that day every roster and every pupil's class
stay what they are; the server begins it on the day. A school that has rolled to the year is passed over.
"""

from aidtracker.accounts.models import User
from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import progress
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.actions_shifting import Journal, class_called, close_places, rename, shift
from aidtracker.students.models_rollover import Feeder, Rollover, RolloverOrder
from aidtracker.students.rollover import NEXT, SchoolPlan, Sitting, Target, coming_year, dealt, school_plan, sexes_in, sittings_of
from aidtracker.terms.calendar import first_day_of
from aidtracker.terms.years import refuse_closed_year

KIND = "students.run_rollover"


def ask_for_rollover(*, place: Org, by) -> str | None:
    """Of a school, or of all schools of a county. The uid of the job, or None when it waits for 1 September."""
    refuse_outsider(place, by)
    today = today_in_china()
    year = coming_year(today)
    refuse_closed_year(place.county_id, first_day_of(year))
    with transaction():
        lock("rollover", place.county_id)
        waiting = (RolloverOrder.place == place) & (RolloverOrder.school_year == year)
        waiting &= RolloverOrder.started_at.is_null() & RolloverOrder.withdrawn_at.is_null()
        if RolloverOrder.select().where(waiting).exists():
            raise Refused("已经预约了 9 月 1 日升级，不用再办。要取消请点「取消预约」。")
        order = RolloverOrder.create(county=place.county_id, place=place, school_year=year, asked_by=by)
        told("ask_for_rollover", place, by, f"{year}")
        return begin(order, by) if today >= first_day_of(year) else None


def begin(order: RolloverOrder, by) -> str | None:
    """None when somebody else has begun it by a moment."""
    mine = (RolloverOrder.id == order.id) & RolloverOrder.started_at.is_null() & RolloverOrder.withdrawn_at.is_null()
    if not RolloverOrder.update(started_at=utcnow()).where(mine).execute():
        return None
    return enqueue(kind=KIND, args={"place_id": order.place_id, "year": order.school_year}, by=by).uid


def withdraw_rollover_order(*, place: Org, by) -> None:
    refuse_outsider(place, by)
    with transaction():
        lock("rollover", place.county_id)
        waiting = (RolloverOrder.place == place) & RolloverOrder.started_at.is_null() & RolloverOrder.withdrawn_at.is_null()
        if not RolloverOrder.update(withdrawn_by=by, withdrawn_at=utcnow()).where(waiting).execute():
            raise Refused("没有等着的预约，可能已经开始升级了。")
        told("withdraw_rollover_order", place, by, "")


def begin_due_orders() -> int:
    """For the server's look: what waited for this day."""
    today, begun = today_in_china(), 0
    waiting = RolloverOrder.started_at.is_null() & RolloverOrder.withdrawn_at.is_null()
    for order in list(RolloverOrder.select().where(waiting)):
        if first_day_of(order.school_year) <= today:
            with transaction():
                begun += begin(order, order.asked_by) is not None
    return begun


@job_kind(KIND, "学年升级", unit="所学校")
def run_rollover(job: Job, *, place_id: int, year: int) -> dict:
    """Everything is allowed anew. A school that is refused does not keep the others waiting."""
    by = User.get_by_id(job.owner_id)
    place = visible_org(by, place_id, Permission.STUDENT_EDIT)
    refuse_outsider(place, by)
    schools = [place] if place.kind == "school" else list(Org.select().where((Org.county == place) & (Org.kind == "school") & Org.closed_on.is_null()).order_by(Org.code))
    done, refused = 0, []
    for number, school in enumerate(schools, 1):
        try:
            done += roll_school(school=school, year=year, by=by) is not None
        except Refused as why:
            refused.append(f"{school.name}：{why.message}")
        progress(job, number, len(schools))
    said = Phrase("已升级 %(done)s 所学校，%(before)s 所以前已经升过。", done=done, before=len(schools) - done - len(refused))
    if refused:
        said = Phrase("已升级 %(done)s 所学校，%(n)s 所没有升级：%(names)s", done=done, n=len(refused), names="；".join(refused[:5]))
    return {"message": said}


def roll_school(*, school: Org, year: int, by) -> Rollover | None:
    """None when the school has rolled to that year already. Refused before its 1 September."""
    refuse_outsider(school, by)
    day = first_day_of(year)
    if day > today_in_china():
        raise Refused("%(day)s才能升级。", day=day.isoformat())
    refuse_closed_year(school.county_id, day)
    with transaction():
        lock("rollover", school.county_id)
        plan = school_plan(school, year)
        if plan is None:
            raise Refused("%(name)s已经停办。", name=school.name)
        if plan.done:
            return None
        done = write(plan, school, by)
        told("roll_school", school, by, f"{year}", count=done.moved + done.graduated, fields=("name", "class_org", "ends_on"))
    return done


def write(plan: SchoolPlan, school: Org, by) -> Rollover:
    journal, day = Journal(), first_day_of(plan.year)
    rename(journal, [(line.id, line.name, line.after) for line in plan.lines])
    finishing = {line.id: line for line in plan.finishing}
    pupils = [pupil for pupil in sittings_of(school.id) if pupil.class_id in finishing] if finishing else []
    held = [pupil for pupil in pupils if pupil.why_held(day)]
    going = [pupil for pupil in pupils if not pupil.why_held(day)]
    to = places_for(journal, plan, going, {line.id: line.stage for line in plan.finishing})
    shift(journal, going, to, day, school.county_id, kind=lambda room: "promote" if room else "graduate", by=by)
    staying = {pupil.class_id for pupil in held}
    close_places(journal, [id_ for id_ in finishing if id_ not in staying], day)
    moved = sum(room is not None for room in to)
    counts = {"classes": len(plan.rising), "moved": moved, "graduated": len(going) - moved, "held": len(held)}
    about = {"county": school.county_id, "school": school, "kind": "year", "school_year": plan.year, "on_day": day}
    return Rollover.create(**about, **counts, journal=journal.text(), done_by=by)


def places_for(journal: Journal, plan: SchoolPlan, pupils: list[Sitting], stages: dict[int, str]) -> list[int | None]:
    """The new class of each pupil, in their order; None: out."""
    found: dict[int, int] = {}
    for stage, target in plan.targets.items():
        mine = [pupil for pupil in pupils if stages[pupil.class_id] == stage]
        if mine:
            rooms = rooms_of(journal, target, plan.year)
            chosen = dealt(mine, [sexes_in(room.id) for room in rooms])
            found |= {pupil.student_id: rooms[at].id for pupil, at in zip(mine, chosen, strict=True)}
    return [found.get(pupil.student_id) for pupil in pupils]


def rooms_of(journal: Journal, target: Target, year: int) -> list[Org]:
    """Classes 1 to n of the new cohort: those who come from several schools share them."""
    school = Org.get_by_id(target.school_id)
    return [class_called(journal, school, target.stage, year, str(number), year) for number in range(1, target.classes + 1)]


def set_feeder(*, school: Org, stage: str, to_school: Org | None, classes: int, by) -> Feeder:
    """对口升学: where those who finish the stage go on; to_school None: they graduate out."""
    if not by.may(Permission.ORG_MANAGE, school):
        raise Forbidden("升学去向由教育局管理员设置。")
    if school.kind != "school" or stage not in NEXT:
        raise Refused("请选择学校和学段。")
    if to_school is not None and (to_school.kind != "school" or to_school.county_id != school.county_id or to_school.closed_on):
        raise Refused("接收学校要在本县，并且没有停办。")
    with transaction():
        lock("rollover", school.county_id)
        values = {"to_school": to_school, "classes": classes, "set_by": by, "set_at": utcnow()}
        if not Feeder.update(values).where((Feeder.school == school) & (Feeder.stage == stage)).execute():
            Feeder.create(county=school.county_id, school=school, stage=stage, **values)
        told("set_feeder", school, by, stage, fields=("to_school", "classes"))
    return Feeder.get((Feeder.school == school) & (Feeder.stage == stage))


def refuse_outsider(place: Org, by) -> None:
    """A county by whoever manages its places; a school by its own office too."""
    wanted = Permission.ORG_MANAGE if place.kind == "county" else Permission.STUDENT_EDIT
    if place.kind not in ("county", "school") or not by.may(wanted, place):
        raise Forbidden("你没有给这里办理升级的权限。")


def told(action: str, org: Org, by, reason: str, *, count: int | None = None, fields=()) -> None:
    record(action=f"students.{action}", by=by, object_kind="org", object_id=org.id, fields=tuple(fields), count=count, reason=reason, county_id=org.county_id)


