"""Transfers between two schools of the county: who sees them, what waits for whom, the rows of the list, who is asked for by number."""

import datetime

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.keyed_index import keyed, normalise_id
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, counties_of, within
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Transfer
from aidtracker.students.queries import visible_students
from aidtracker.students.search import STUDENT_NUMBER, WHOLE_ID
from aidtracker.students.spells import Spells
from aidtracker.students.timeline import READS_REASONS

P = Permission
TABS = {"confirm": "要我确认", "asked": "等对方确认", "arriving": "等报到", "missing": "到期没有报到", "ended": "已结束"}
STATES_OF = {"asked": ("asked",), "arriving": ("confirmed",), "missing": ("missing",), "ended": ("arrived", "refused", "withdrawn")}
FromSchool, ToSchool = Org.alias(), Org.alias()


def schools_within(paths: list):
    return Org.select(Org.id).where(within(paths) & (Org.kind == "school"))


def visible_transfers(user, permission: Permission = P.MOVE_VIEW):
    """From or to a school of theirs."""
    paths = user.scopes(permission)
    if not paths:
        return Transfer.select().where(NOTHING)
    return Transfer.select().where(Transfer.from_school.in_(schools_within(paths)) | Transfer.to_school.in_(schools_within(paths)))


def visible_transfer(user, transfer_id: int, permission: Permission = P.MOVE_VIEW) -> Transfer:
    found = visible_transfers(user, permission).where(Transfer.id == transfer_id).first()
    if found is None:
        raise NotFound
    return found


def open_transfer(student: Student, user) -> tuple[Transfer | None, bool]:
    """(the one that is not over, whether this reader may open its page): who knows the child by its home looks after neither school."""
    found = Transfer.get_or_none((Transfer.student == student) & Transfer.ended_at.is_null())
    return found, found is not None and visible_transfers(user).where(Transfer.id == found.id).exists()


def waits_for(user):
    """A condition: asked by the other school, and this reader may answer."""
    paths = user.scopes(P.STUDENT_EDIT)
    if not paths:
        return NOTHING
    theirs = (Transfer.asked_by_school == Transfer.from_school) & Transfer.to_school.in_(schools_within(paths))
    ours = (Transfer.asked_by_school == Transfer.to_school) & Transfer.from_school.in_(schools_within(paths))
    return (Transfer.state == "asked") & (theirs | ours)


def transfers_in(user, tab: str, place: Org | None = None):
    """Of one tab; within a place that the reader looks after."""
    found = visible_transfers(user)
    if tab == "confirm":
        found = found.where(waits_for(user))
    else:
        found = found.where(Transfer.state.in_(STATES_OF[tab]))
        found = found.where(~waits_for(user)) if tab == "asked" and user.may(P.STUDENT_EDIT) else found
    if place is not None:
        here = schools_within([place.path])
        found = found.where(Transfer.from_school.in_(here) | Transfer.to_school.in_(here))
    return found


def reads_name(user):
    """A condition: who the child is. When a transfer came to nothing the other school has no more business with it."""
    over = Transfer.state.in_(("refused", "withdrawn"))
    left = Transfer.from_school.in_(schools_within(user.scopes(P.MOVE_VIEW)))
    return ~over | left | Transfer.student.in_(visible_students(user).select(Student.id))


def is_named(user, transfer: Transfer) -> bool:
    return visible_transfers(user).where((Transfer.id == transfer.id) & reads_name(user)).exists()


def listed(transfers, user):
    """The nearest deadline first; what ended, the newest first. `named`: whether the reader may read who it is."""
    columns = (Transfer.id, Transfer.state, Transfer.leaves_on, Transfer.arrive_by, Transfer.arrived_on, Student.name, Student.sex)
    places = (FromSchool.name.alias("from_name"), ToSchool.name.alias("to_name"))
    named = peewee.Case(None, [(reads_name(user), 1)], 0).alias("named")
    found = transfers.select(*columns, *places, named).join(Student, on=Transfer.student == Student.id)
    found = found.join(FromSchool, on=Transfer.from_school == FromSchool.id).join(ToSchool, on=Transfer.to_school == ToSchool.id)
    return found.order_by(Transfer.ended_at.desc(), Transfer.arrive_by, Transfer.id).dicts()


def grade_of(transfer: Transfer) -> str:
    """Of the class that the child sits in while it is arranged."""
    day = transfer.leaves_on - datetime.timedelta(days=1)
    return Spells([transfer.student_id]).on(transfer.student_id, day).grade_on(day)


def reads_words(user, transfer: Transfer) -> bool:
    """Why: whoever may read it at the school that asked, and once the child has arrived at the new one."""
    schools = [transfer.asked_by_school] + ([transfer.to_school] if transfer.state == "arrived" else [])
    return any(user.may(permission, school) for permission in READS_REASONS for school in schools)


def steps_of(transfer: Transfer) -> list[tuple]:
    """(words, at, name of who) in the order in which it went."""
    people = {id_: name for id_, name in User.select(User.id, User.name).where(User.id.in_([transfer.asked_by_id, transfer.confirmed_by_id, transfer.ended_by_id])).tuples()}
    ends = {"arrived": "已报到", "refused": "对方不同意", "withdrawn": "已撤回"}
    found = [(Phrase("申请转学"), transfer.asked_at, people.get(transfer.asked_by_id, ""))]
    found += [(Phrase("对方学校确认"), transfer.confirmed_at, people.get(transfer.confirmed_by_id, ""))] if transfer.confirmed_at else []
    found += [(Phrase("到期没有报到"), transfer.missed_at, "")] if transfer.missed_at else []
    return found + ([(Phrase(ends[transfer.state]), transfer.ended_at, people.get(transfer.ended_by_id, ""))] if transfer.ended_at else [])


def schools_to_ask(student: Student) -> list[tuple[int, str]]:
    """(id, name) of the county's other schools."""
    own = student.class_org.parent_id if student.class_org_id else 0
    here = (Org.kind == "school") & (Org.county == student.county_id) & (Org.id != own) & Org.closed_on.is_null()
    return list(Org.select(Org.id, Org.name).where(here).order_by(Org.code).tuples())


def school_named(county_id: int, school_id: int) -> Org:
    found = Org.get_or_none((Org.id == school_id) & (Org.county == county_id) & (Org.kind == "school"))
    if found is None:
        raise NotFound
    return found


def by_whole_number(user, number: str) -> Student | None:
    """A child of the reader's county, wherever it sits: by the whole ID or 学籍号 and nothing less."""
    typed = normalise_id(number)
    counties = [county.id for county in counties_of(user, P.STUDENT_EDIT)]
    if WHOLE_ID.fullmatch(typed):
        mine = Student.id_index == keyed("index_id", typed)
    elif STUDENT_NUMBER.fullmatch(typed):
        mine = Student.student_number_index == keyed("index_student_number", typed)
    else:
        raise Refused("请输入完整的身份证号或学籍号。")
    return Student.select().where(Student.county.in_(counties) & mine).first() if counties else None


def overdue_ids(on: datetime.date | None = None) -> list[int]:
    """Confirmed, and the last day for arriving has passed."""
    late = (Transfer.state == "confirmed") & (Transfer.arrive_by < (on or today_in_china()))
    return [id_ for (id_,) in Transfer.select(Transfer.id).where(late).order_by(Transfer.id).tuples()]
