"""Paper forms within the reader's scope: of pupils whom the reader may see; batches of classes whose visits the reader may record."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_org, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope, roster_of
from aidtracker.visits.models import Visit
from aidtracker.visits.models_papers import Paper, PaperBatch
from aidtracker.visits.paper_codes import typed_code


class BatchLine(NamedTuple):
    """Of the list: how many sheets of a batch there are, and how many were typed in."""

    id: int
    form: str
    class_name: str
    school_name: str
    by_name: str
    printed_at: datetime.datetime
    papers: int
    used: int


class PaperLine(NamedTuple):
    """One sheet of a batch, with the visit that was typed in from it."""

    code: str
    student_id: int
    name: str
    sex: str
    visit_id: int | None
    on: datetime.date | None


def visible_class_to_print(user, class_id: int) -> Org:
    found = visible_org(user, class_id, Permission.VISIT_RECORD)
    if found.kind != "class":
        raise NotFound
    return found


def visible_batches(user, place: Org | None = None):
    found = PaperBatch.select().join(Org, on=PaperBatch.class_org).where(within(user.scopes(Permission.VISIT_RECORD)))
    return found.where(within([place.path])) if place is not None else found


def visible_batch(user, batch_id: int) -> PaperBatch:
    found = visible_batches(user).where(PaperBatch.id == batch_id).first()
    if found is None:
        raise NotFound
    return found


def visible_paper(user, code: str) -> Paper:
    """NotFound for a code that nobody printed, and for whoever does not see its pupil."""
    seen = in_scope(user.scopes(Permission.VISIT_VIEW))
    found = Paper.select().join(Student).where((Paper.code == typed_code(code)) & seen).first()
    if found is None:
        raise NotFound
    return found


def batch_lines(batches):
    """A query of BatchLine, the newest first."""
    school, used = Org.alias(), peewee.fn.COUNT(Paper.visit)
    columns = (PaperBatch.id, PaperBatch.form, Org.name, school.name, User.name, PaperBatch.printed_at, peewee.fn.COUNT(Paper.id), used)
    found = batches.select(*columns).join(school, on=(Org.parent == school.id)).switch(PaperBatch).join(User, on=PaperBatch.printed_by)
    found = found.switch(PaperBatch).join(Paper, on=(Paper.batch == PaperBatch.id)).group_by(*columns[:6], school.id, User.id, Org.id)
    return found.order_by(PaperBatch.printed_at.desc(), PaperBatch.id.desc()).tuples()


def papers_of(batch: PaperBatch, user) -> list[PaperLine]:
    """In the order in which they were printed; of pupils whom the reader still sees."""
    columns = (Paper.code, Student.id, Student.name, Student.sex, Paper.visit, Visit.on)
    found = Paper.select(*columns).join(Student).switch(Paper).left_outer_join(Visit, on=Paper.visit)
    return [PaperLine(*row) for row in found.where((Paper.batch == batch) & in_scope(user.scopes(Permission.VISIT_RECORD))).order_by(Paper.id).tuples()]


def code_of(visit: Visit) -> str:
    """Of the sheet that the visit was typed in from; '' when there was none."""
    return Paper.select(Paper.code).where(Paper.visit == visit).scalar() or ""


def codes_of_many(visit_ids: list[int]) -> dict[int, str]:
    return dict(Paper.select(Paper.visit, Paper.code).where(Paper.visit.in_(visit_ids)).tuples())


def pupils_to_print(room: Org, form: str) -> list[tuple[int, str]]:
    """(id, name) of the class's roster of today; for lessons at home those who are taught there."""
    return [(id_, name) for id_, _uid, _seat, name, mode in roster_of(room) if form != "tutoring" or mode == "home_taught"]
