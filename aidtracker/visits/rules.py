"""Which pupils a county wants visited, how often and by when: its rules of home visits, as they hold on a day.

Several at once: everybody once a school year, the entry grade early, the key groups each term, a share of each class at the door.
"""

import datetime
import math
from typing import NamedTuple

from aidtracker.orgs.grades import school_year_of
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import policies_of
from aidtracker.students.models import TAGS
from aidtracker.students.tag_kinds import GUARDED
from aidtracker.terms.calendar import first_day_of, term, term_of
from aidtracker.terms.days import term_spans
from aidtracker.visits.models import TUTORING

YEAR, TERM, ENTRY, KEY = "year", "term", "entry", "key"
DOOR = "door"  # of a class, not of a pupil: a share of it at the door
LABELS = {YEAR: "每学年", TERM: "每学期", ENTRY: "起始年级", KEY: "重点学生"}
STATES = {"late": "已过期", "due": "应访", "planned": "已定日期", "done": "已访"}  # what is urgent first
KEYS = """visits_a_year visits_a_term term_share entry_grade_visited entry_grade_until key_visits_a_term key_groups
small_class large_class on_site_share middle_share on_site_each forms_that_count lesson_is_visit""".split()
# Of the national seven the guarded one is left out: that a pupil is due must not tell it.
SEVEN = ("orphan", "de_facto_orphan", "disabled", "left_behind", "hardship", "key_hardship", "migrant", "inclusive")
GROUPS = {"seven": SEVEN, "inclusive": ("inclusive",), "all": tuple(kind for kind in TAGS if kind not in GUARDED)}


class Period(NamedTuple):
    """Visits from `first` to `last` count; `until` is the last day on which the rule is kept in time."""

    first: datetime.date
    last: datetime.date
    until: datetime.date


class Rules(NamedTuple):
    """On a day. `needs`: {rule: visits of each pupil whom it is about}, without those that the county does not have."""

    on: datetime.date
    needs: dict[str, int]
    periods: dict[str, Period]
    key_groups: tuple[str, ...]
    values: dict

    @property
    def first(self) -> datetime.date:
        """The earliest day that counts for anything."""
        return min(period.first for period in self.periods.values())

    @property
    def entered(self) -> int:
        """The year in which the entry grades of today entered."""
        return school_year_of(self.on)

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form of a visit that may count, lessons at home where the county says so."""
        return ("on_site", "phone", "video", "invited", *((TUTORING,) if self.values["lesson_is_visit"] == "yes" else ()))

    @property
    def at_the_door(self) -> tuple[str, ...]:
        return ("on_site", *((TUTORING,) if self.values["lesson_is_visit"] == "yes" else ()))

    def on_site_needed(self, pupils: int) -> int:
        """How many pupils of a class of this size are to be visited at the door."""
        small, large = self.values["small_class"], self.values["large_class"]
        share = 100 if pupils <= small else self.values["on_site_share" if pupils >= large else "middle_share"]
        return math.ceil(pupils * share / 100)

    def term_needed(self, pupils: int) -> int:
        """How many of a class are to be visited in a term."""
        return math.ceil(pupils * self.values["term_share"] / 100)

    def entry_needed(self, pupils: int) -> int:
        return math.ceil(pupils * self.values["entry_grade_visited"] / 100)


def rules_of(county_id: int | None, on: datetime.date) -> Rules:
    values = policies_of(KEYS, county_id, on)
    needs = {YEAR: values["visits_a_year"], TERM: values["visits_a_term"], ENTRY: int(values["entry_grade_visited"] > 0), KEY: values["key_visits_a_term"]}
    return Rules(on, {rule: int(n) for rule, n in needs.items() if n}, periods_of(county_id, on, values), GROUPS[str(values["key_groups"])], values)


def periods_of(county_id: int | None, on: datetime.date, values: dict) -> dict[str, Period]:
    """A school year reaches from 1 September to 31 August; what is to be done in it, until the last day of its spring term."""
    year, spans = school_year_of(on), term_spans(county_id) if county_id else {}
    autumn, spring, now = f"{year}-autumn", f"{year + 1}-spring", term_of(on)
    ends = {code: spans[code][1] if code in spans else term(code).ends_on for code in (autumn, spring, now.code)}
    whole = (first_day_of(year), first_day_of(year + 1) - datetime.timedelta(days=1))
    entry = {"10-20": datetime.date(year, 10, 20), "term": ends[autumn], "year": ends[spring]}[str(values["entry_grade_until"])]
    term_now = Period(now.starts_on, now.ends_on, ends[now.code])
    found = {YEAR: Period(*whole, ends[spring]), TERM: term_now, ENTRY: Period(*whole, entry), KEY: term_now}
    return found | {DOOR: found[str(values["on_site_each"])]}


def words_of(rules: Rules) -> list[Phrase]:
    """The rules as people read them under a table."""
    values, found = rules.values, []
    if YEAR in rules.needs:
        found.append(Phrase("每名学生每学年至少家访 %(n)s 次（%(day)s 前）。", n=rules.needs[YEAR], day=rules.periods[YEAR].until.isoformat()))
    if TERM in rules.needs:
        found.append(Phrase("每名学生每学期至少家访 %(n)s 次（%(day)s 前）。", n=rules.needs[TERM], day=rules.periods[TERM].until.isoformat()))
    if values["term_share"]:
        found.append(Phrase("每班每学期至少访到 %(n)s%% 的学生。", n=values["term_share"]))
    if ENTRY in rules.needs:
        found.append(Phrase("起始年级（一年级、七年级等）至少访到 %(n)s%%（%(day)s 前）。", n=values["entry_grade_visited"], day=rules.periods[ENTRY].until.isoformat()))
    if KEY in rules.needs:
        found.append(Phrase("重点学生每学期至少家访 %(n)s 次（%(day)s 前）。", n=rules.needs[KEY], day=rules.periods[KEY].until.isoformat()))
    sizes = {name: values[name] for name in ("small_class", "large_class", "on_site_share", "middle_share")}
    found.append(Phrase("班级入户：%(small_class)s 人以下全部入户，%(large_class)s 人以上 %(on_site_share)s%%，中间的 %(middle_share)s%%。", **sizes))
    return found
