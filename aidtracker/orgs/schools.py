"""Bringing in the schools by their 学校标识码, each under its township."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs.models import Org, School
from aidtracker.orgs.places import add_org, move_org
from aidtracker.permissions import Permission


def plan_schools(tables, *, by, school_year=None, on=None) -> Plan:
    """Reads only. A renamed school keeps its code; a school that moved keeps its history."""
    plan = Plan(payload=[])
    places = {org.code: org for org in Org.select().where(Org.kind.in_(("county", "township", "school")))}
    details = {school.org_id: school for school in School.select()}
    paths = by.scopes(Permission.ORG_MANAGE) if by else ["/"]
    for table in tables:
        check = Check(table, plan)
        seen = set()
        for i in check.good_rows():
            row = {key: check.column(key, "")[i] or "" for key in ("code", "name", "category", "township", "sponsor")}
            place, school = places.get(place_code(row["township"], places)), places.get(row["code"])
            if row["code"] in seen:
                check.refuse(i, "code", "duplicate_in_file", "学校标识码 %(code)s 在表里出现了两次。", code=row["code"])
                continue
            seen.add(row["code"])
            if refuse_school(check, i, row, place, school, paths):
                continue
            sort_out(plan, school, details, row, place)
    return plan


def place_code(code: str, places) -> str:
    """A 12-digit code of a township is its first nine digits."""
    return code if code in places else code[:9]


def refuse_school(check, i, row, place, school, paths) -> bool:
    if place is None or place.kind == "school":
        check.refuse(i, "township", "unknown_division", "没有代码为 %(code)s 的乡镇，请先导入区划。", code=row["township"])
    elif not all(any(org.path.startswith(path) for path in paths) for org in (place, school or place)):
        check.refuse(i, "township", "out_of_scope", "你没有维护这个乡镇学校的权限。")
    elif school is not None and school.kind != "school":
        check.refuse(i, "code", "conflict", "代码 %(code)s 已经是「%(name)s」。", code=row["code"], name=school.name)
    elif school is not None and school.county_id != place.county_id:
        check.refuse(i, "township", "conflict", "这所学校属于另一个县。")
    elif not row["code"].isalnum() or len(row["code"]) > 20:
        check.refuse(i, "code", "bad_number", "学校标识码应为 10 位，这里是「%(code)s」。", code=row["code"][:20])
    else:
        return False
    return True


def sort_out(plan: Plan, school, details, row, place) -> None:
    if school is None:
        plan.created += 1
    else:
        detail = details[school.id]
        before = (school.name, school.parent_id, detail.category, detail.sponsor)
        if before == (row["name"], place.id, row["category"], row["sponsor"]):
            plan.unchanged += 1
            return
        plan.updated += 1
    plan.payload.append((row, place, school))


def save_schools(plan: Plan, *, by, progress=lambda done, total: None) -> None:
    if not plan.payload:
        return
    with transaction():
        for row, place, school in plan.payload:
            save_school(row, place, school)
        record(
            action="orgs.import_schools",
            by=by,
            object_kind="org",
            fields=("code", "name", "category", "township", "sponsor"),
            count=len(plan.payload),
            county_id=plan.payload[0][1].county_id,
        )
    progress(len(plan.payload), len(plan.payload))


def save_school(row, place, school) -> None:
    if school is None:
        school = add_org(kind="school", code=row["code"], name=row["name"], parent=place)
        School.create(org=school, category=row["category"], sponsor=row["sponsor"], force_insert=True)
        return
    Org.update(name=row["name"]).where(Org.id == school.id).execute()
    School.update(category=row["category"], sponsor=row["sponsor"]).where(School.org == school).execute()
    if school.parent_id != place.id:
        move_org(school, place)
