"""The steps of a county, a township or a school, each counted from what stands in the database today.

A handful of statements whatever the size of the place: what is missing is asked for all schools at once.
"""

import datetime
from pathlib import Path

from aidtracker.accounts.queries_homerooms import Room, rooms_of
from aidtracker.accounts.queries_inviting import not_yet_in
from aidtracker.db import marks_for, run_sql, today_in_china
from aidtracker.imports.models import ImportFile
from aidtracker.imports.queries import visible_imports
from aidtracker.operation.queries import is_on_paper, paper_key
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of, top_orgs, visible_org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.setup.step import Following, Step, lacking
from aidtracker.terms.calendar import SEEDED_YEARS

PLACES = ("county", "township", "school")
BELOW = "o.kind = ? AND o.path BETWEEN ? AND ? AND o.closed_on IS NULL"
# Of an open place of one kind below another: (id, name), those for which the condition holds, by code.
WITHOUT = f"SELECT o.id, o.name FROM org o WHERE {BELOW} AND NOT EXISTS ({{}}) ORDER BY o.code"  # noqa: S608 our own names
ANY_BELOW = "SELECT 1 FROM org b WHERE b.kind = ? AND b.parent_id = o.id AND b.closed_on IS NULL"
ANY_SCHOOL_BELOW = "SELECT 1 FROM org b WHERE b.kind = 'school' AND b.parent_id = o.id AND b.closed_on IS NULL"
ANY_HOLDER = """SELECT 1 FROM membership m JOIN user_account u ON u.id = m.user_id
WHERE m.org_id = o.id AND m.role = ? AND u.disabled_at IS NULL AND (m.ends_on IS NULL OR m.ends_on >= ?)"""
ANY_PUPIL = "SELECT 1 FROM school_class c JOIN student s ON s.class_org_id = c.org_id WHERE c.school_id = o.id"
ANY_ROLL = "SELECT 1 FROM day_sum d WHERE d.school_id = o.id"
KINDS = "SELECT kind, COUNT(*) FROM org WHERE path BETWEEN ? AND ? AND closed_on IS NULL GROUP BY kind"
PEOPLE = """SELECT COUNT(DISTINCT m.user_id) FROM membership m JOIN org o ON o.id = m.org_id JOIN user_account u ON u.id = m.user_id
WHERE o.path BETWEEN ? AND ? AND u.disabled_at IS NULL AND (m.ends_on IS NULL OR m.ends_on >= ?)"""
PUPILS = "SELECT COUNT(*) FROM student s JOIN org o ON o.id = s.class_org_id WHERE o.path BETWEEN ? AND ?"
ROLLED = """SELECT COUNT(*) FROM org o WHERE o.kind = 'school' AND o.path BETWEEN ? AND ? AND o.closed_on IS NULL
AND EXISTS (SELECT 1 FROM day_sum d WHERE d.school_id = o.id)"""
ROLLED_YET = "SELECT 1 FROM org o JOIN day_sum d ON d.school_id = o.id WHERE o.kind = 'school' AND o.path BETWEEN ? AND ? LIMIT 1"
TERMS = "SELECT COUNT(DISTINCT term) FROM term_dates WHERE county_id = ?"
OWN_DAYS = "SELECT COUNT(*) FROM closure WHERE county_id = ? AND ended_on IS NULL"
RULES = 'SELECT COUNT(DISTINCT "key") FROM policy_value WHERE county_id = ? AND withdrawn_at IS NULL'


def places_to_set_up(user) -> list[Org]:
    """Where the person's road begins: their counties, townships or schools."""
    tops = top_orgs(user, Permission.SETUP_VIEW)
    return counties_of(user, Permission.SETUP_VIEW) if any(org.kind == "city" for org in tops) else [org for org in tops if org.kind in PLACES]


def visible_place(user, org_id: int) -> Org | None:
    place = visible_org(user, org_id, Permission.SETUP_VIEW)
    return place if place.kind in PLACES else None


def next_step(user, instance: Path) -> Following | None:
    """Of the first place that the person brings things into and where no roll was taken yet: from then on the road is its own page."""
    for place in places_to_set_up(user):
        if user.may(Permission.IMPORT_RUN, place) and user.may(Permission.ACCOUNT_MANAGE, place) and not has_rolls(place):
            needed = [step for step in steps_of(user, place, instance) if not step.is_optional]
            step = next((step for step in needed if not step.is_done), None)
            if step:
                return Following(place, step, sum(step.is_done for step in needed), len(needed))
    return None


def has_rolls(place: Org) -> bool:
    return run_sql(ROLLED_YET, (place.path, place.path + "~")).fetchone() is not None


def steps_of(user, place: Org, instance: Path, today: datetime.date | None = None) -> list[Step]:
    today = today or today_in_china()
    span = (place.path, place.path + "~")
    kinds = dict(run_sql(KINDS, span).fetchall())
    pupils, people = number(PUPILS, span), number(PEOPLE, (*span, today))
    if place.kind == "school":
        return [*steps_of_school(place, today, pupils, people), *invited(user, place, people), rolls_of_rooms(rooms_of(place, today))]
    county = [divisions(span, kinds), schools(span, kinds)] if place.kind == "county" else []
    own = [calendar(place, today), rules(place)] if place.kind == "county" else []
    rest = [roster(span, kinds, pupils), staff(place, span, kinds, people, today), *own, *key_on_paper(user, place, instance), *invited(user, place, people), rolls(span, kinds)]
    return [*county, *rest]


def number(statement: str, values: tuple) -> int:
    return int(run_sql(statement, values).fetchone()[0])


def without(exists: str, kind: str, span: tuple, values: tuple = ()) -> list[tuple[int, str]]:
    return list(run_sql(WITHOUT.format(exists), (kind, *span, *values)).fetchall())


# Of a county or a township.


def divisions(span: tuple, kinds: dict[str, int]) -> Step:
    townships, villages = kinds.get("township", 0), kinds.get("village", 0)
    bare = without(ANY_BELOW, "township", span, ("village",))
    return Step(
        "divisions", "行政区划", "乡镇和村的名单，从统计局的区划代码表导入。",
        Phrase("%(townships)s 个乡镇，%(villages)s 个村", townships=townships, villages=villages),
        is_begun=townships > 0, is_done=townships > 0 and not bare, missing=lacking("没有村的乡镇", bare), kind="divisions",
    )  # fmt: skip


def schools(span: tuple, kinds: dict[str, int]) -> Step:
    there = kinds.get("school", 0)
    bare = without(ANY_SCHOOL_BELOW, "township", span)
    return Step(
        "schools", "学校", "学校标识码、名称和所在乡镇。班级不用建，导入学生名册时自动建好。",
        Phrase("%(schools)s 所学校", schools=there), is_begun=there > 0, is_done=there > 0,
        missing=lacking("没有学校的乡镇（确实没有就不用管）", bare if there else []), kind="schools",
    )  # fmt: skip


def staff(place: Org, span: tuple, kinds: dict[str, int], people: int, today: datetime.date) -> Step:
    leaderless = without(ANY_HOLDER, "school", span, ("school_admin", today))
    unwatched = without(ANY_HOLDER, "township", span, ("township_coordinator", today))
    return Step(
        "staff", "人员", "每人每个角色一行；不设密码，开通时各人自己设。",
        Phrase("%(people)s 人有角色", people=people), is_begun=people > 1, is_done=kinds.get("school", 0) > 0 and not leaderless and not unwatched,
        missing=[*lacking("没有校级管理员的学校", leaderless), *lacking("没有乡镇专干的乡镇", unwatched)], kind="staff",
    )  # fmt: skip


def roster(span: tuple, kinds: dict[str, int], pupils: int) -> Step:
    bare = without(ANY_PUPIL, "school", span)
    return Step(
        "students", "学生名册", "全国学籍系统导出的表，表头不用改；可以一所学校一份，也可以全县一份。",
        Phrase("%(pupils)s 名学生，%(classes)s 个班", pupils=pupils, classes=kinds.get("class", 0)),
        is_begun=pupils > 0, is_done=pupils > 0 and not bare, missing=lacking("没有学生的学校", bare), kind="students",
    )  # fmt: skip


def calendar(county: Org, today: datetime.date) -> Step:
    """Works without: the seeded holidays, weekends beyond them. Done when the county has said when its terms begin and end."""
    terms, days, last = number(TERMS, (county.id,)), number(OWN_DAYS, (county.id,)), school_year_of(today) + 1
    seeded = max(SEEDED_YEARS) >= last
    known = Phrase("国家节假日已有") if seeded else Phrase("%(year)s 年的国家节假日还没有，先按周末休息，公布后请补上", year=last)
    facts = Phrase("设了 %(terms)s 个学期、%(days)s 次停课或补课；%(known)s", terms=terms, days=days, known=known)
    return Step(
        "calendar", "校历", "不设也能用：法定节假日和调休已有，其余按周一到周五上课。开学放假日期请按本县的填。", facts,
        is_begun=terms + days > 0, is_done=terms > 0, is_optional=True,
    )  # fmt: skip


def rules(county: Org) -> Step:
    """Works without: every rule has a default."""
    set_ = number(RULES, (county.id,))
    return Step(
        "rules", "规则设置", "不设也能用：补点期限、旷课几天列为重点、送教要求都有默认值，请对照本县的文件看一遍。",
        Phrase("本县改过 %(set)s 项，其余按默认值", set=set_), is_begun=set_ > 0, is_done=set_ > 0, is_optional=True,
    )  # fmt: skip


def invited(user, place: Org, people: int) -> list[Step]:
    """Only for whoever looks after accounts there."""
    if not user.may(Permission.ACCOUNT_MANAGE, place):
        return []
    waiting = not_yet_in(user, place).count()
    step = Step(
        "invitations", "发邀请单", "打印邀请单，剪开当面发；各人用手机扫码，自己设密码。",
        Phrase("%(waiting)s 人还没有登录过", waiting=waiting), is_begun=people > waiting + 1, is_done=people > 1 and not waiting,
    )  # fmt: skip
    return [step]


def key_on_paper(user, place: Org, instance: Path) -> list[Step]:
    """Only for whoever may print it."""
    if not user.may(Permission.OPERATION_RUN, place):
        return []
    is_good = is_on_paper(instance)
    words = Phrase("已核对") if is_good else Phrase("还没有")
    step = Step(
        "paper", "密钥抄在纸上", "没有这把密钥，证件号、电话和备份都打不开。打印三张，分开保管，任意两张就能还原。", words,
        is_begun=bool(paper_key()[1]), is_done=is_good, is_optional=True,
    )  # fmt: skip
    return [step]


def rolls(span: tuple, kinds: dict[str, int]) -> Step:
    there, begun = kinds.get("school", 0), number(ROLLED, span)
    bare = without(ANY_ROLL, "school", span) if begun else []
    return Step(
        "rolls", "第一次点名", "班主任在手机上点名，两下就好；谁没报，这里和点名页都看得到。",
        Phrase("%(begun)s ÷ %(there)s 所学校点过名", begun=begun, there=there),
        is_begun=begun > 0, is_done=there > 0 and begun == there, missing=lacking("还没有点过名的学校", bare),
    )  # fmt: skip


# Of a school: by class.


def steps_of_school(school: Org, today: datetime.date, pupils: int, people: int) -> list[Step]:
    rooms = rooms_of(school, today)
    full = those_with("SELECT DISTINCT class_org_id FROM student WHERE class_org_id IN ", rooms)
    return [
        Step(
            "students", "学生名册", "全国学籍系统导出的本校学生基本信息表，表头不用改。",
            Phrase("%(pupils)s 名学生，%(classes)s 个班", pupils=pupils, classes=len(rooms)), pupils > 0, pupils > 0 and len(full) == len(rooms),
            missing=lacking("没有学生的班", named(rooms, full)), kind="students",
        ),
        Step(
            "staff", "人员", "每人每个角色一行，班主任写上年级和班级；不设密码，开通时各人自己设。",
            Phrase("%(people)s 人有角色", people=people), people > 1, bool(rooms) and all(room.homeroom for room in rooms),
            missing=lacking("没有班主任的班", [(room.org.id, room.label) for room in rooms if room.homeroom is None]), kind="staff",
        ),
    ]  # fmt: skip


def rolls_of_rooms(rooms: list[Room]) -> Step:
    done = those_with("SELECT DISTINCT class_org_id FROM roll_call WHERE class_org_id IN ", rooms)
    return Step(
        "rolls", "第一次点名", "班主任在手机上点名，两下就好；谁没报，这里和点名页都看得到。",
        Phrase("%(begun)s ÷ %(there)s 个班点过名", begun=len(done), there=len(rooms)), bool(done), bool(rooms) and len(done) == len(rooms),
        missing=lacking("还没有点过名的班", named(rooms, done) if done else []),
    )  # fmt: skip


def those_with(statement: str, rooms: list[Room]) -> set[int]:
    ids = [room.org.id for room in rooms]
    return {id_ for (id_,) in run_sql(statement + marks_for(ids), ids).fetchall()} if ids else set()


def named(rooms: list[Room], but: set[int]) -> list[tuple[int, str]]:
    return [(room.org.id, room.label) for room in rooms if room.org.id not in but]


def unfinished_imports(user) -> dict[str, ImportFile]:
    """{kind: the latest of the person's own workbooks that was checked and not yet brought in}."""
    waiting = visible_imports(user).where(ImportFile.state == "checked").limit(50)
    return {file.kind: file for file in reversed(list(waiting))}
