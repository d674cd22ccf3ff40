"""What anybody might do with a case, allowed or not, sensible or not: the house refuses what it must."""

import datetime

from aidtracker.accounts.models import User
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.queries import visible_class
from aidtracker.cases import actions, actions_closing, actions_handover, actions_notice, actions_sealing
from aidtracker.cases.actions_following import add_follow_up
from aidtracker.cases.handovers import owners_at
from aidtracker.cases.models import RESULTS, Case
from aidtracker.cases.models_closing import CaseClosing
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.models_notice import WAYS, Notice
from aidtracker.cases.outcomes import OUTCOMES
from aidtracker.errors import Refused
from tests.drills._cases_world import somebody

USUAL = ("transferred", "returned", "studying_here")  # half of what is asked for


def case_of(world) -> Case:
    case = Case.get_or_none(Case.student == world.child)
    if case is None:
        raise Refused("没有个案。")
    return case


def day(world, most=7):
    return world.today - datetime.timedelta(days=world.random.randrange(most))


def ending(world, case: Case) -> dict:
    draw = world.random
    outcome = draw.choice(USUAL) if draw.random() < 0.6 else draw.choice(list(OUTCOMES))
    outcome = "studying_here" if world.stays_away and draw.random() < 0.6 else outcome
    return {"case": case, "revision": revision(world, case), "outcome": outcome, "conclusion": draw.choice(("材料在册", "材料在册", "材料在册", " ")), "closed_on": draw.choice((world.today, world.today, day(world)))}


def revision(world, case: Case) -> int:
    """Now and then an old one."""
    return case.revision - (world.random.random() < 0.1)


def open_it(world, by):
    """Found so long ago that a return may lie behind it."""
    actions.open_case(student=world.child, values={"found_on": world.today - datetime.timedelta(days=world.random.choice((9, 9, 9, 2))), "main_reason": "01", "owner": by.id}, by=by)


def reopen_it(world, by):
    actions.reopen_case(case=case_of(world), values={"found_on": world.today}, reason=world.random.choice(("又没有到校", "")), by=by)


def edit_it(world, by):
    case = case_of(world)
    actions.edit_case(case=case, revision=revision(world, case), values={"main_reason": world.random.choice(("01", "02", "03"))}, by=by)


def follow_it(world, by):
    result = world.random.choice([*RESULTS, "returned", "returned"])
    told = {"kind": world.random.choice(("phone", "on_site")), "on": day(world), "people": "张老师", "person_met": "母亲", "relation": "母亲", "result": result, "words": "谈话"}
    add_follow_up(case=case_of(world), values=told, by=by)


def close_it(world, by):
    actions.close_case(**ending(world, case_of(world)), by=by)


def ask_it(world, by):
    actions_closing.ask_closing(**ending(world, case_of(world)), by=by)


def some(world, model):
    """Mostly the one that waits, now and then one that is over."""
    found = list(model.select().where(model.case == case_of(world)).order_by(model.id))
    if not found:
        raise Refused("没有。")
    return found[-1] if world.random.random() < 0.8 else world.random.choice(found)


def approve_it(world, by):
    actions_closing.approve_closing(closing=some(world, CaseClosing), by=by)


def send_back_it(world, by):
    actions_closing.send_back_closing(closing=some(world, CaseClosing), words=world.random.choice(("请补充", "")), by=by)


def withdraw_it(world, by):
    actions_closing.withdraw_closing(closing=some(world, CaseClosing), words="", by=by)


def hand_it(world, by):
    place = world.random.choice([world.school, world.village, *world.townships, world.county])
    actions_handover.hand_case(case=case_of(world), to_org_id=place.id, reason=world.random.choice(("住在那边", "住在那边", "住在那边", " ")), by=by)


def accept_it(world, by):
    handover = some(world, CaseHandover)
    owner = world.random.choice([by.id, world.random.choice(world.users), *(id_ for id_, _name in owners_at(handover))])
    actions_handover.accept_handover(handover=handover, owner_id=owner, words="", by=by)


def refuse_it(world, by):
    actions_handover.refuse_handover(handover=some(world, CaseHandover), words=world.random.choice(("不住这里", "")), by=by)


def take_back_it(world, by):
    actions_handover.withdraw_handover(handover=some(world, CaseHandover), words="", by=by)


def issue_it(world, by):
    case, due_on = case_of(world), world.today + datetime.timedelta(days=world.random.choice((7, 7, 7, 0)))
    office = world.random.choice([world.townships[0], world.townships[0], world.townships[1], world.county, world.school])
    actions_notice.issue_notice(case=case, text_id=world.random.choice((0, 0, 0, 9)), office_id=office.id, addressee=world.random.choice(("次仁", "次仁", "")), relation="父亲", due_on=due_on, by=by)


def serve_it(world, by):
    draw = world.random
    values = {"way": draw.choice(list(WAYS)), "on": world.today, "servers": "王支书", "receiver": draw.choice(("卓玛", "")), "witness": draw.choice(("李会计", "")), "words": draw.choice(("经过", ""))}
    actions_notice.serve_notice(notice=some(world, Notice), is_served=draw.random() < 0.6, values=values, by=by)


def withdraw_notice_it(world, by):
    actions_notice.withdraw_notice(notice=some(world, Notice), words=world.random.choice(("写错", "")), by=by)


def seal_it(world, by):
    """Rarely: a sealed case is worked on by few."""
    if world.random.random() < 0.7:
        raise Refused("今天不。")
    actions_sealing.seal_case(case=case_of(world), reason=world.random.choice(("涉及隐私", "涉及隐私", "")), readers=world.random.sample(world.users, 2), by=by)


def name_readers(world, by):
    actions_sealing.set_readers(case=case_of(world), readers=world.random.sample(world.users, 2), by=by)


def lift_it(world, by):
    actions_sealing.lift_seal(case=case_of(world), words=world.random.choice(("不用了", "")), by=by)


def break_it(world, by):
    actions_sealing.break_seal(student=world.child, reason=world.random.choice(("情况紧急", "")), by=by)


def call_roll(world, by):
    """Of one of the last days, or that day's once more; mostly by the teacher."""
    by = User.get_by_id(world.users[0]) if world.random.random() < 0.7 else by
    on = day(world, 3)
    stands = RollCall.get_or_none((RollCall.class_org == world.room) & (RollCall.on == on) & (RollCall.session == "morning"))
    marks = {world.child.id: ("unexcused", None)} if world.stays_away or world.random.random() < 0.3 else {}
    room = visible_class(by, world.room.id)
    submit_roll_call(class_org=room, on=on, session="morning", marks=marks, base_revision=stands.revision if stands else 0, by=by)


ACTS = (
    *(open_it, reopen_it, edit_it, follow_it, follow_it, follow_it, close_it, ask_it, ask_it, approve_it, approve_it, send_back_it, withdraw_it),
    *(hand_it, hand_it, accept_it, accept_it, accept_it, refuse_it, take_back_it, call_roll, call_roll),
    *(issue_it, issue_it, serve_it, serve_it, withdraw_notice_it, seal_it, name_readers, lift_it, lift_it, break_it, break_it, break_it),
)
__all__ = ["ACTS", "somebody"]
