"""复学: a child who was suspended is back in a class of its school."""

import datetime

from aidtracker.db import transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.students.actions_placing import note_move, open_new_spell, refuse_during_transfer, refuse_unsaid, told
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS
from aidtracker.students.queries import lock_pupils
from aidtracker.students.queries_away import may_record_return, visible_away


def record_return(*, away: Move, class_org: Org, mode: str, seat: int | None, starts_on: datetime.date, document: str, reason: str, by) -> Enrollment:
    """`away`: the 休学 that ends. Refused: it is over already, and a class of another school."""
    school = away.from_class.parent
    if not may_record_return(by, school):
        raise Forbidden("本县规定复学由乡镇或教育局登记。请联系乡镇专干或教育局。")
    with transaction():
        lock_pupils([away.student_id])
        if not visible_away(by).where(Move.id == away.id).exists():
            raise Refused("这次休学已经结束，不用再登记复学。")
        if class_org.kind != "class" or class_org.parent_id != school.id:
            raise Refused("复学先回原来的学校。要到别的学校，请复学以后再办转学。")
        student = Student.get_by_id(away.student_id)
        refuse_during_transfer([student])
        refuse_unsaid("return", {"document": document})
        spell = open_new_spell(student, class_org, mode, seat, starts_on)
        note_move("return", student, starts_on, by, to_class=class_org.id, reason=reason, document=document)
        told("record_return", student, by, ("class_org", "mode", "seat", "starts_on"), KINDS["return"].label)
    return spell
