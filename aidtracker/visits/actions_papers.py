"""Printing blank forms with a code each, and using one up with the visit that is typed in from it."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.visits.models import TUTORING, Visit
from aidtracker.visits.models_papers import PAPER_FORMS, Paper, PaperBatch
from aidtracker.visits.paper_codes import new_code, shown_code, typed_code
from aidtracker.visits.queries_papers import pupils_to_print


def print_papers(*, class_org: Org, form: str, student_ids: list[int], by) -> PaperBatch:
    """A sheet each for these pupils of the class, in the order of its roster. Refused: nobody, or somebody who does not sit there."""
    if not by.may(Permission.VISIT_RECORD, class_org):
        raise Forbidden("你没有记录这个班家访的权限。")
    if form not in PAPER_FORMS:
        raise Refused("请选择打印哪一种表。")
    offered = [id_ for id_, _name in pupils_to_print(class_org, form)]
    if not student_ids or not set(student_ids) <= set(offered):
        raise Refused("请至少选一名本班的学生。")
    with transaction():
        batch = PaperBatch.create(county=class_org.county_id, class_org=class_org, form=form, printed_by=by.id)
        for student_id in offered:
            if student_id in student_ids:
                Paper.create(batch=batch, student=student_id, code=new_code())
        told = {"object_kind": "org", "object_id": class_org.id, "county_id": class_org.county_id}
        record(action="visits.print_papers", by=by, fields=("paper",), count=len(set(student_ids)), **told)
    return batch


def use_paper(code: str, visit: Visit, student_ids: list[int]) -> None:
    """Inside the visit's own transaction. Refused: nobody's sheet, another pupil's, of the other form, and one that was typed in already."""
    asked = Paper.select(Paper, PaperBatch.form).join(PaperBatch).where(Paper.code == typed_code(code))
    paper = asked.where(Paper.student.in_(student_ids)).first()
    if paper is None:
        raise Refused("纸质表编号不对，或者不是这名学生的表。请核对编号，或者不填编号。")
    if (paper.batch.form == TUTORING) != (visit.form == TUTORING):
        raise Refused("这张纸质表是「%(form)s」，和这里填的不是一种。请按编号重新打开。", form=PAPER_FORMS[paper.batch.form])
    if not Paper.update(visit=visit).where((Paper.id == paper.id) & Paper.visit.is_null()).execute():
        raise Refused("纸质表 %(code)s 已经录入过，不能再录一次。请到「纸质表」里按编号打开那条记录核对。", code=shown_code(paper.code))
