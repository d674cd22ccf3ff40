"""What the demo's cases have to show besides: a closing and a handover that wait, somebody who answers for a school, a notice,
a text of the county's own, and a sealed case."""

import datetime

from aidtracker.accounts.models import User
from aidtracker.attachments.cleaning import clean
from aidtracker.cases.actions_closing import ask_closing
from aidtracker.cases.actions_handover import hand_case
from aidtracker.cases.actions_notice import issue_notice, serve_notice
from aidtracker.cases.actions_notice_texts import set_notice_text
from aidtracker.cases.actions_responsibility import add_responsibility
from aidtracker.cases.actions_sealing import seal_case
from aidtracker.cases.handovers import places_to_take
from aidtracker.cases.models import Case
from aidtracker.cases.notice_texts import SHIPPED
from aidtracker.cases.notices import offices_for
from aidtracker.cases.queries import open_cases
from aidtracker.db import today_in_china
from tests.attachments.pictures import file_of, scene


def furnish_notice(case: Case, township: User) -> None:
    """Issued by the township, and brought there once in vain."""
    today, office = today_in_china(), next(office for office in offices_for(township, case))
    told = {"text_id": SHIPPED, "office_id": office.id, "addressee": "监护人", "relation": "父亲", "due_on": today + datetime.timedelta(days=7)}
    notice = issue_notice(case=case, **told, by=township)
    tried = {"way": "direct", "on": today, "servers": "李干部、王支书", "words": "家里没有人，邻居说外出务工。"}
    serve_notice(notice=notice, is_served=False, values=tried, photo=clean(file_of(scene((640, 480))), 300_000), by=township)


def furnish_cases(teacher: User, township: User, admin: User) -> Case:
    """Of a case of the teacher's, which the township may approve and take over. Returns the one that the township keeps from others."""
    mine = open_cases(teacher).order_by(Case.id).first()
    ask_closing(case=mine, revision=mine.revision, outcome="transferred", conclusion="学籍已接转到外县，接转记录存档。", closed_on=today_in_china(), by=teacher)
    place = next(org_id for org_id, _name in places_to_take(mine) if org_id == township.memberships[0].org_id)
    hand_case(case=mine, to_org_id=place, reason="孩子随祖父母住在户籍地，由乡镇劝返更方便。", by=teacher)
    told = {"line": "edu", "duty": "teacher", "name": teacher.name, "post": "班主任", "phone": "13900001111", "person": teacher.id, "starts_on": today_in_china()}
    add_responsibility(values=told, by=township, org=mine.student.class_org)
    add_responsibility(values=told | {"line": "gov", "duty": "township", "name": township.name, "post": "副镇长", "person": township.id}, by=township, student=mine.student)
    others = open_cases(township).where((Case.state != "returned") & (Case.id != mine.id)).order_by(Case.id)
    furnish_notice(others.first(), township)
    own = {"kind": "other", "title": "责令送被监护人接受义务教育通知书", "series": "责改字", "body": "{监护人}：请在{期限}前送{学生}到校。", "days": 7}
    set_notice_text(county=mine.county, values=own, by=admin)
    kept = others.offset(1).first() or mine
    seal_case(case=kept, reason="涉及未成年人保护，只限办案人员知情。", readers=[], by=township)
    return kept
