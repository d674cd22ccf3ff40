"""Home visits that were written down on a phone: their form, and the way to the action."""

import re

from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.receipts.models import Receipt
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with, visible_student
from aidtracker.students.records import guardians_of
from aidtracker.visits.actions_once import record_once
from aidtracker.visits.evidence import UNNAMED
from aidtracker.visits.families import siblings_of
from aidtracker.visits.forms import VisitForm
from aidtracker.visits.paper_codes import typed_code
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import Sent

DIGEST, MOST_NAMED = re.compile("[0-9a-f]{64}"), 12


def blank_visit(by) -> VisitForm:
    """For a page without signal: pupils are known by class, seat and name, so that whom a teacher met is a kind of person, or typed."""
    form = VisitForm(form="on_site", on=today_in_china(), teachers=by.name)
    form.also.choices = []
    form.offer_people([])
    return form


def pupil_of(sent: Sent, by) -> Student:
    return visible_student(by, number_or_none(sent.get("student_id")) or 0, Permission.VISIT_VIEW)


def record_visit(sent: Sent, by, came: dict) -> Receipt:
    """Of one pupil, and of those who live with it where the page offered them."""
    if not sent.get("student_id"):
        raise Refused("请选择学生。")
    student = pupil_of(sent, by)
    if not may_with(by, Permission.VISIT_RECORD, student):
        raise Forbidden("你没有记录这名学生家访的权限。")
    form = VisitForm(formdata=sent, meta={"csrf": False})
    siblings = {str(sibling.id): sibling for sibling in siblings_of(student, by)}
    form.also.choices = [(id_, sibling.name) for id_, sibling in siblings.items()]
    form.offer_people(guardians_of(student))
    if not form.validate():
        raise Refused("%(words)s", words=" ".join(message for _field, message in form.errors_list()))
    students = [student, *(siblings[id_] for id_ in form.also.data)]
    told = {"values": form.values(), "evidence": form.evidence(named_in(sent)), "paper": typed_code(form.paper.data or ""), "key": form.key.data}
    return record_once(verb="record_visit", students=students, **told, by=by, **came)


def named_in(sent: Sent) -> tuple[str, ...]:
    """Digests of photos that a text handed over could not carry."""
    named = tuple(sent.getlist("file_digest"))
    if len(named) > MOST_NAMED or not all(DIGEST.fullmatch(one) for one in named):
        raise Refused(UNNAMED)
    return named
