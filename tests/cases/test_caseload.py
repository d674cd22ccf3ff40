"""The coordinator's caseload: by school, what is late first; and a text for the group that names no child."""

import datetime

from aidtracker.cases.caseload import caseload_of, reminder_of
from aidtracker.cases.models import Case


def test_it_counts_open_cases_by_school_and_names_nobody(opened, pupils, coordinator, stranger, county, today, sign_in):
    first, second = opened(), opened(pupils.sibling, coordinator)
    Case.update(due_on=today - datetime.timedelta(days=1)).where(Case.id == first.id).execute()
    Case.update(due_on=today).where(Case.id == second.id).execute()
    opened(pupils.at_home, coordinator)
    found = caseload_of(coordinator, today)
    assert [(load.name, load.open, load.late) for load in found.schools] == [("双河镇中心小学", 2, 1), ("石门乡中心小学", 1, 0)]
    assert (found.total.open, found.total.late, found.total.soon) == (3, 1, 2)
    text = reminder_of(found, "双河镇", today)
    assert "双河镇中心小学 1 个" in text and "一周内到期的共 2 个" in text
    assert not [pupil for pupil in (pupils.mine, pupils.sibling, pupils.at_home) if pupil.name in text]
    page = sign_in(coordinator).get("cases.show_caseload").text
    assert "双河镇中心小学 1 个" in page and pupils.mine.name not in page
    sign_in(stranger).get("cases.show_caseload", status=403)


def test_where_nothing_waits_there_is_no_text(coordinator, today):
    assert reminder_of(caseload_of(coordinator, today), "双河镇", today) == ""
