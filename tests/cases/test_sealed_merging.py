"""Two records become one: a sealed case is not counted to who may not know of it, and moves only by a named person's hand."""

import pytest

from aidtracker.cases.models import Case
from aidtracker.errors import Forbidden
from aidtracker.students import actions_merging as merging
from aidtracker.students.models import Student
from aidtracker.students.models_merging import StudentMerge
from tests import factories


@pytest.fixture
def merge(pupils):
    def make(by):
        kept, dropped = factories.make_student(pupils.mine.class_org, "同名"), Student.get_by_id(pupils.mine.id)
        revisions = (Student.get_by_id(kept.id).revision, dropped.revision)
        return merging.merge_students(kept=kept, dropped=dropped, take=set(), revisions=revisions, reason="x", by=by)

    return make


def test_who_is_not_named_merges_and_parts_nothing_with_a_sealed_case(sealed, merge, pupils, officer, bureau_admin):
    case = sealed([officer])
    with pytest.raises(Forbidden, match="由专人负责"):
        merge(bureau_admin)
    assert Case.get().student_id == case.student_id == pupils.mine.id
    merge(officer)
    assert Case.get().student.name == "同名"
    with pytest.raises(Forbidden, match="由专人负责"):
        merging.withdraw_merge(merge=StudentMerge.get(), by=bureau_admin)


def test_the_page_of_a_merger_counts_no_case_that_is_kept_from_the_reader(sealed, opened, pupils, county, principal, officer, coordinator, sign_in):
    other = factories.make_student(county.room, "同名")
    opened(other, coordinator)
    sealed([officer])
    pages = {user: sign_in(user).get("students.merge_students", student_id=other.id, other_id=pupils.mine.id).text for user in (principal, officer)}
    told = {user: page.split("<main", 1)[1].split("</main>")[0] for user, page in pages.items()}
    assert "个案" in told[officer] and "个案" not in told[principal]
