"""What the demo's cases have to show besides: a closing that waits, a handover that waits, somebody who answers for a school."""

from aidtracker.accounts.models import User
from aidtracker.cases.actions_closing import ask_closing
from aidtracker.cases.actions_handover import hand_case
from aidtracker.cases.actions_responsibility import add_responsibility
from aidtracker.cases.handovers import places_to_take
from aidtracker.cases.models import Case
from aidtracker.cases.queries import open_cases
from aidtracker.db import today_in_china


def furnish_cases(teacher: User, township: User) -> None:
    """Of a case of the teacher's, which the township may approve and take over."""
    mine = open_cases(teacher).order_by(Case.id).first()
    ask_closing(case=mine, revision=mine.revision, outcome="transferred", conclusion="学籍已接转到外县，接转记录存档。", closed_on=today_in_china(), by=teacher)
    place = next(org_id for org_id, _name in places_to_take(mine) if org_id == township.memberships[0].org_id)
    hand_case(case=mine, to_org_id=place, reason="孩子随祖父母住在户籍地，由乡镇劝返更方便。", by=teacher)
    told = {"line": "edu", "duty": "teacher", "name": teacher.name, "post": "班主任", "phone": "13900001111", "person": teacher.id, "starts_on": today_in_china()}
    add_responsibility(values=told, by=township, org=mine.student.class_org)
    add_responsibility(values=told | {"line": "gov", "duty": "township", "name": township.name, "post": "副镇长", "person": township.id}, by=township, student=mine.student)
