"""What the page of one school shows before a rollover: where each pupil will go, who is left alone, and what looks wrong."""

import datetime
from collections import Counter
from typing import NamedTuple

from aidtracker.db import as_day, run_sql
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import class_code
from aidtracker.policies.queries import number_of
from aidtracker.students.rollover import SchoolPlan, Sitting, Target, dealt, sexes_in
from aidtracker.terms.calendar import first_day_of

SUSPENDED = """SELECT DISTINCT s.id, s.name, m.until_on FROM move m JOIN student s ON s.id = m.student_id JOIN school_class c ON c.org_id = m.from_class_id
WHERE c.school_id = ? AND m.kind = 'suspend' AND m.withdrawn_at IS NULL AND s.class_org_id IS NULL
AND NOT EXISTS (SELECT 1 FROM move n WHERE n.student_id = m.student_id AND n.id > m.id AND n.withdrawn_at IS NULL) ORDER BY s.name"""
AGES = {"primary": 0, "junior": 6, "senior": 9, "vocational": 9, "preschool": -3}  # at entry, beside the age at which school begins


class Fate(NamedTuple):
    """What becomes of a pupil whose class finishes: goes on (`to`), graduates ('' and no reason), or is left alone."""

    pupil: Sitting
    to: str
    why_held: str


class Ahead(NamedTuple):
    """A first-grade class as it will be, or a class that rises: its name and how many will sit there."""

    name: str
    pupils: int


def fates(plan: SchoolPlan, pupils: list[Sitting]) -> tuple[dict[int, list[Fate]], list[Ahead]]:
    """({class that finishes: its pupils}, the classes that they go to), dealt as the rollover will deal them."""
    day, stages, to, ahead = first_day_of(plan.year), {line.id: line.stage for line in plan.finishing}, {}, []
    for stage, target in plan.targets.items():
        mine = [pupil for pupil in pupils if stages.get(pupil.class_id) == stage and not pupil.why_held(day)]
        if mine:
            rooms = rooms_ahead(target, plan.year)
            chosen = dealt(mine, [sexes for _name, sexes in rooms])
            to |= {pupil.student_id: rooms[at][0] for pupil, at in zip(mine, chosen, strict=True)}
            ahead += [Ahead(f"{target.name} {name}", sexes.total()) for name, sexes in rooms]
    found: dict[int, list[Fate]] = {line.id: [] for line in plan.finishing}
    for pupil in pupils:
        if pupil.class_id in found:
            found[pupil.class_id].append(Fate(pupil, to.get(pupil.student_id, ""), pupil.why_held(day)))
    return found, ahead


def rooms_ahead(target: Target, year: int) -> list[tuple[str, Counter]]:
    """(name, sexes that sit there already) of the classes that a rollover puts pupils into, made or not."""
    school_code = Org.get_by_id(target.school_id).code
    codes = [class_code(school_code, target.stage, year, str(number)) for number in range(1, target.classes + 1)]
    known = dict(Org.select(Org.code, Org.id).where(Org.code.in_(codes)).tuples())
    names = [grades.class_label(target.stage, year, str(number), year) for number in range(1, target.classes + 1)]
    return [(name, sexes_in(known[code]) if code in known else Counter()) for name, code in zip(names, codes, strict=True)]


def suspended_of(school_id: int) -> list[tuple[int, str, datetime.date | None]]:
    """(pupil, name, last day as approved) of whoever left a class of the school for 休学 and has not returned."""
    return [(id_, name, as_day(until)) for id_, name, until in run_sql(SUSPENDED, (school_id,)).fetchall()]


def sized_wrong(plan: SchoolPlan, ahead: list[Ahead], county_id: int) -> list[Ahead]:
    """Classes that will have fewer or more pupils than the county's rules take for usual."""
    day = first_day_of(plan.year)
    small, large = number_of("class_small", county_id, day), number_of("class_large", county_id, day)
    rising = [Ahead(line.after, line.pupils) for line in plan.rising if line.pupils]
    return [room for room in (*rising, *ahead) if not small <= room.pupils <= large]


def odd_ages(plan: SchoolPlan, pupils: list[Sitting], county_id: int) -> list[tuple[Sitting, int]]:
    """(pupil, years beside the grade's age) of whoever is so much older or younger than the grade, of classes that rise."""
    day = first_day_of(plan.year)
    begins, apart = number_of("compulsory_from", county_id, day), number_of("age_apart", county_id, day)
    rising = {line.id: line for line in plan.rising}
    found = []
    for pupil in pupils:
        line = rising.get(pupil.class_id)
        if line is None:
            continue
        usual = begins + AGES[line.stage] + plan.year - line.entry_year
        beside = age_at_start(pupil.born_on, plan.year) - usual
        if abs(beside) >= apart:
            found.append((pupil, beside))
    return found


def age_at_start(born_on: datetime.date, year: int) -> int:
    """Whole years on 31 August."""
    return year - born_on.year - ((born_on.month, born_on.day) > (8, 31))
