"""What the pages of visits are made of, read set by set; as far as the reader may see the pupils."""

from aidtracker.accounts.models import User
from aidtracker.attachments.models import SIGNATURE, Attachment
from aidtracker.excel.boxes import Page
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.visits.models import STATES, Visit, VisitFile
from aidtracker.visits.models_papers import PaperBatch
from aidtracker.visits.pages import Told, Whose, blank_page, page_of
from aidtracker.visits.queries import Pupils, pupils_of_many
from aidtracker.visits.queries_papers import codes_of_many, papers_of

SEX = {"M": "男", "F": "女"}
MOST = 200  # pages at once


def pages_of(visits: list[Visit], user) -> list[Page]:
    """One page for each visit, in their order: of the first pupil whom the reader may see, naming the others."""
    ids = [visit.id for visit in visits]
    pupils, files, codes = pupils_of_many(ids, user), files_of_many(ids), codes_of_many(ids)
    first = {of.seen[0].id for of in pupils.values() if of.seen}
    sexes = dict(Student.select(Student.id, Student.sex).where(Student.id.in_(first)).tuples())
    names = names_of({id_ for visit in visits for id_ in (visit.recorded_by_id, visit.checked_by_id) if id_})
    found = []
    for visit in visits:
        of, kinds = pupils[visit.id], files.get(visit.id, [])
        checked = f"{STATES[visit.state]}：{names.get(visit.checked_by_id, '')}" if visit.state == "verified" else ""
        about = {"recorded_by": names.get(visit.recorded_by_id, ""), "checked": checked, "code": codes.get(visit.id, "")}
        evidence = {"photos": len(kinds) - kinds.count(SIGNATURE), "is_signed": SIGNATURE in kinds}
        found.append(page_of(visit, Told(whose_of(of, sexes), others_of(of), **evidence, **about)))
    return found


def whose_of(of: Pupils, sexes: dict[int, str]) -> Whose:
    if not of.seen:
        return Whose("", "", "", "")
    pupil = of.seen[0]
    return Whose(pupil.name, SEX.get(sexes.get(pupil.id, ""), ""), pupil.class_name, pupil.school_name)


def others_of(of: Pupils) -> str:
    names = [pupil.name for pupil in of.seen[1:]] + ([f"另 {of.others} 人"] if of.others else [])
    return f"同次家访的还有：{'、'.join(names)}" if names else ""


def files_of_many(ids: list[int]) -> dict[int, list[str]]:
    """{visit: kinds of what stands}."""
    found: dict[int, list[str]] = {}
    asked = VisitFile.select(VisitFile.visit, Attachment.kind).join(Attachment).where(VisitFile.visit.in_(ids) & Attachment.removed_at.is_null())
    for visit_id, kind in asked.tuples():
        found.setdefault(visit_id, []).append(kind)
    return found


def names_of(ids: set[int]) -> dict[int, str]:
    return dict(User.select(User.id, User.name).where(User.id.in_(ids)).tuples())


def blank_pages(batch: PaperBatch, user, address) -> list[Page]:
    """`address(code)` is what the QR of a sheet holds."""
    school = Org.get_by_id(batch.class_org.parent_id).name
    return [
        blank_page(batch.form, Whose(line.name, SEX.get(line.sex, ""), batch.class_org.name, school), line.code, address(line.code))
        for line in papers_of(batch, user)
    ]
