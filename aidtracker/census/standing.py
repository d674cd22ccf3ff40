"""What is known of a listed child who sits in no class: a case, an explanation with its proof, or nothing yet. One code each, in the database."""

import datetime

import peewee

from aidtracker.cases.models import Case
from aidtracker.cases.outcomes import OUTCOMES
from aidtracker.cases.sealed import shown_to
from aidtracker.cases.states import CLOSED
from aidtracker.census.comparing import Comparison
from aidtracker.census.matching import ONE, is_same
from aidtracker.census.models import ListedChild, MatchedPair
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import SchoolClass
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.terms.calendar import term_of

REASONS = {  # why the child stands on the list
    "case": "已建案",
    "moved": "离校原因已登记，有证明",
    "closed": "个案已销号，有结论",
    "young": "还没到入学年龄",
    "old": "已过义务教育年龄",
    "lapsed": "说明没有证明，或已过期",
    "left": "有学生记录，没有在读班级",
    "unknown": "本县没有这个孩子的学生记录",
}
STEPS = {  # what is to be done
    "case": "在个案里继续跟进",
    "moved": "不用处理，到期后再核查",
    "closed": "不用处理",
    "young": "不用处理，到入学年龄再核查",
    "old": "不用处理，按规定退出台账",
    "lapsed": "补上证明或重新核查，查不清的放入疑似台账",
    "left": "查清离校后的去向，查不清的放入疑似台账",
    "unknown": "核实户籍和去向，没有就读的放入疑似台账",
}
UNLISTED = {  # why a pupil is not on the list, and what is to be done
    "no_number": ("没有证件号，比对不了", "补录证件号"),
    "group": ("学籍标注了特殊群体，名单里没有", "核对证件，已失效的在学生资料里结束标注，有效的请部门补进名单"),
    "outside": ("户籍在外县", "不用处理"),
    "home": ("户籍地在本县，名单里没有", "核对户口簿，更正学籍的户籍地或证件号，或请部门补进名单"),
}
STATES = {"": "全部", "todo": "待处理", "case": "已建案", "explained": "有说明"}
CODES = {"todo": ("lapsed", "left", "unknown"), "case": ("case",), "explained": ("moved", "closed", "young", "old")}
EXPLAINS = ("transfer_out", "suspend", "defer", "move_away", "abroad", "custody", "die")  # kinds of moves
BEYOND = ("junior", "senior", "vocational")  # stages with which compulsory schooling is done
CHECKED_EACH_TERM = ("studying_elsewhere", "long_leave")  # outcomes whose proof holds for the term in which the case was closed
AT_SCHOOL = ("returned", "studying_here")  # outcomes that speak of a child in a class here, which this one is not
OVER = [outcome for outcome, about in OUTCOMES.items() if about.closes and outcome not in (*CHECKED_EACH_TERM, *AT_SCHOOL)]
LaterMove = Move.alias()


def standing(comparison: Comparison, user_id: int):
    """The code of REASONS of a ListedChild who is not enrolled, as a column. A case that is kept from this person explains nothing:
    that a child is listed and in no class is no secret, and a gap in the list would tell of the case."""
    first, last = compulsory_ages(comparison)
    on, child, cases = comparison.lists.on, ListedChild, Case.select(ONE).where(shown_to(user_id))
    whens = (
        (known(comparison, cases.where(Case.state != CLOSED), Case.student), "case"),
        (known(comparison, Move.select(ONE).where(is_proved(on)), Move.student), "moved"),
        (known(comparison, cases.where(is_concluded(on)), Case.student), "closed"),
        (child.born_on > last, "young"),
        (child.born_on < first, "old"),
        (known(comparison, cases, Case.student) | known(comparison, Move.select(ONE).where(explains(on)), Move.student), "lapsed"),
        (known(comparison, Student.select(ONE), Student.id), "left"),
    )
    return peewee.Case(None, whens, "unknown")


def of_state(comparison: Comparison, state: str, user_id: int):
    """A condition on a ListedChild who is not enrolled."""
    return standing(comparison, user_id).in_(CODES[state])


def known(comparison: Comparison, rows, pupil):
    """A condition on ListedChild: there are such rows of the pupil who bears the number, or who was found to be the same child."""
    county = comparison.lists.county_id
    bearer = Student.select(Student.id).where((Student.county == county) & (Student.id_index == ListedChild.id_index))
    same = MatchedPair.select(MatchedPair.student).where(is_same(county) & (MatchedPair.id_index == ListedChild.id_index))
    return peewee.fn.EXISTS(rows.where(pupil.in_(bearer))) | peewee.fn.EXISTS(rows.where(pupil.in_(same)))


def explains(on: datetime.date):
    """A condition on Move: why the child is in no class here, and nothing came after it until the day."""
    later = LaterMove.select(ONE).where((LaterMove.student == Move.student) & LaterMove.withdrawn_at.is_null() & (LaterMove.on_day > Move.on_day) & (LaterMove.on_day <= on))
    return (Move.kind.in_(EXPLAINS) | has_finished()) & Move.withdrawn_at.is_null() & (Move.on_day <= on) & ~peewee.fn.EXISTS(later)


def has_finished():
    """A condition on Move: 初中毕业; who left primary school and came to no other has only stopped."""
    rooms = SchoolClass.select(SchoolClass.org).where(SchoolClass.stage.in_(BEYOND))
    return (Move.kind == "graduate") & Move.from_class.in_(rooms)


def is_proved(on: datetime.date):
    """With the paper that the kind asks for, and as long as it was approved for."""
    runs = Move.until_on.is_null() | (Move.until_on >= on)
    return explains(on) & runs & ((Move.document != "") | has_finished())


def is_concluded(on: datetime.date):
    """A condition on Case: closed with an outcome that says why the child is in no class here."""
    this_term = Case.outcome.in_(CHECKED_EACH_TERM) & (Case.closed_on >= term_of(on).starts_on)
    return (Case.state == CLOSED) & (Case.outcome.in_(OVER) | this_term)


def compulsory_ages(comparison: Comparison) -> tuple[datetime.date, datetime.date]:
    """Born from the one day to the other: of compulsory age in the school year of the day."""
    county, on = comparison.lists.county_id, comparison.lists.on
    begins, years = (number_of(key, county, on) for key in ("compulsory_from", "compulsory_years"))
    year = school_year_of(on)
    return datetime.date(year - begins - years, 9, 1), datetime.date(year - begins, 8, 31)


def why_unlisted(comparison: Comparison, pupil: Student) -> str:
    """The code of UNLISTED of a pupil who is in a class and not on the list."""
    if not pupil.id_number:
        return "no_number"
    if comparison.group:
        return "group"
    return "home" if pupil.home_id else "outside"
