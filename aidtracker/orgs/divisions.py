"""Bringing in the divisions: city, county, townships, villages, by their national codes."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs.models import Org
from aidtracker.orgs.places import add_org, move_org
from aidtracker.permissions import Permission

LEVELS = ("city", "county", "township", "village")
PREFIXES = {"county": (4,), "township": (6,), "village": (9,)}  # digits of the code that name the parent


def plan_divisions(tables, *, by, school_year=None, on=None) -> Plan:
    """Reads only. A parent is 上级代码, else whoever's code begins this one; it may stand later in the file."""
    plan = Plan(payload=[])
    known = {org.code: org for org in Org.select().where(Org.kind.in_(LEVELS))}
    for table in tables:
        check = Check(table, plan)
        codes, names, kinds = check.column("code"), check.column("name"), check.column("kind")
        parents = check.column("parent", "")
        accepted: dict[str, str] = {}  # from the top down: whose parent is refused is refused
        seen = set()
        for i in sorted(check.good_rows(), key=lambda i: LEVELS.index(kinds[i])):
            code, kind = codes[i], kinds[i]
            parent = parents[i] or parent_code(code, kind, known, accepted)
            if code in seen:
                check.refuse(i, "code", "duplicate_in_file", "代码 %(code)s 在表里出现了两次。", code=code)
                continue
            seen.add(code)
            if refuse_division(check, i, code, kind, parent, known, accepted):
                continue
            if by and not in_scope_of(by, code, parent, known, parents_of(codes, parents)):
                check.refuse(i, "code", "out_of_scope", "你没有维护这个区划的权限。")
                continue
            accepted[code] = kind
            sort_out(plan, known.get(code), {"code": code, "name": names[i], "kind": kind, "parent": parent}, known)
    return plan


def parents_of(codes, parents) -> dict:
    return {code: parent for code, parent in zip(codes, parents, strict=True) if parent}


def parent_code(code: str, kind: str, known, in_file) -> str:
    """The code that this one begins with, when such a place is known; '' for a city, or a county without one."""
    for length in PREFIXES.get(kind, ()):
        for candidate in (code[:length], code[:length].ljust(6, "0")):
            if candidate != code and (candidate in known or candidate in in_file):
                return candidate
    return ""


def refuse_division(check, i, code, kind, parent, known, in_file) -> bool:
    if not (code.isdigit() and 2 <= len(code) <= 12):
        check.refuse(i, "code", "bad_number", "代码应为 2 到 12 位数字，这里是「%(code)s」。", code=code[:20])
    elif code in known and known[code].kind != kind:
        check.refuse(i, "kind", "conflict", "代码 %(code)s 已经是另一级的「%(name)s」。", code=code, name=known[code].name)
    elif parent and parent not in known and parent not in in_file:
        check.refuse(i, "parent", "unknown_division", "没有上级代码 %(code)s，请先加上这一行。", code=parent)
    elif not parent and kind in ("township", "village"):
        check.refuse(i, "parent", "missing", "请填写上级代码。")
    elif parent and not stands_above(known[parent].kind if parent in known else in_file[parent], kind):
        check.refuse(i, "parent", "conflict", "上级代码 %(code)s 不比这一级高。", code=parent)
    else:
        return False
    return True


def stands_above(upper: str, lower: str) -> bool:
    return upper in LEVELS and LEVELS.index(upper) < LEVELS.index(lower)


def in_scope_of(by, code, parent, known, parents) -> bool:
    """The place, or the nearest place above it that exists, lies where the user manages places; so does what it moves to."""
    paths, steps = by.scopes(Permission.ORG_MANAGE), 0
    if code in known and parent in known and known[code].parent_id != known[parent].id and not in_paths(known[parent], paths):
        return False
    while code and code not in known and steps < len(LEVELS):
        code, parent, steps = parent, parents.get(parent, ""), steps + 1
    return code in known and in_paths(known[code], paths)


def in_paths(org: Org, paths: list[str]) -> bool:
    return any(org.path.startswith(path) for path in paths)


def sort_out(plan: Plan, org, row: dict, known) -> None:
    if org is None:
        plan.created += 1
    elif (org.name, org.parent_id) == (row["name"], known[row["parent"]].id if row["parent"] in known else None):
        plan.unchanged += 1
        return
    else:
        plan.updated += 1
    plan.payload.append(row)


def save_divisions(plan: Plan, *, by, progress=lambda done, total: None) -> None:
    rows = sorted(plan.payload, key=lambda row: LEVELS.index(row["kind"]))
    if not rows:
        return
    with transaction():
        known = {org.code: org for org in Org.select().where(Org.kind.in_(LEVELS))}
        for row in rows:
            known[row["code"]] = save_division(known.get(row["code"]), known.get(row["parent"]), row)
        record(
            action="orgs.import_divisions",
            by=by,
            object_kind="org",
            fields=("code", "name", "parent"),
            count=len(rows),
        )
    progress(len(rows), len(rows))


def save_division(org, parent, row) -> Org:
    if org is None:
        return add_org(kind=row["kind"], code=row["code"], name=row["name"], parent=parent)
    if org.name != row["name"]:
        Org.update(name=row["name"]).where(Org.id == org.id).execute()
        org.name = row["name"]
    if parent is not None and org.parent_id != parent.id:
        move_org(org, parent)
    return org
