"""特殊群体: what each kind asks, why it ended, corrections that keep what stood, counts on any day, and the kinds that not everybody sees."""

import datetime
import json

import pytest

from aidtracker import permissions
from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Refused
from aidtracker.permissions import Permission
from aidtracker.students.actions_merging import merge_students
from aidtracker.students.actions_tags import add_tag, correct_tag, end_tag
from aidtracker.students.models import TAGS, Enrollment, Student, Tag
from aidtracker.students.models_history import StudentVersion
from aidtracker.students.queries_tags import tags_of
from aidtracker.students.tag_history import corrections_of
from aidtracker.students.tag_kinds import disability_in, ends_of, fields_of
from tests import factories

SEPTEMBER, OCTOBER = datetime.date(2026, 9, 1), datetime.date(2026, 10, 1)
BASE = {"starts_on": "2026-10-01", "source": "名单", "document": "民函〔2026〕3号"}


def tagged(pupil, kind, by, starts_on=OCTOBER, detail="", **more):
    return add_tag(student=pupil, kind=kind, detail=detail, starts_on=starts_on, source="名单", by=by, **more)


def test_only_what_a_kind_needs_is_asked(pupils, school_admin, sign_in):
    client, pupil = sign_in(school_admin), pupils.mine
    chooser = client.get("students.add_tag", student_id=pupil.id).text
    assert "边缘易致贫户" in chooser and "涉案未成年人" in chooser and 'name="starts_on"' not in chooser
    plain, disabled, poor = (client.get("students.add_tag", student_id=pupil.id, kind=kind).text for kind in ("left_behind", "disabled", "subsistence"))
    assert 'name="certificate"' in disabled and 'name="certificate"' not in plain + poor
    assert 'name="part"' in poor and 'name="part"' not in plain + disabled
    assert "纳入日期" in client.get("students.add_tag", student_id=pupil.id, kind="marginal_poor").text


def test_a_disability_has_class_grade_and_a_sealed_number(pupils, school_admin, sign_in):
    client, pupil = sign_in(school_admin), pupils.mine
    data = {**BASE, "kind": "disabled", "disability_class": "听力", "disability_grade": "二级", "certificate": "99010020120305123442"}
    client.post("students.add_tag", data, page=client.url("students.add_tag", student_id=pupil.id, kind="disabled"), student_id=pupil.id)
    tag = Tag.get()
    assert (tag.disability_class, tag.disability_grade, tag.certificate) == ("听力", "二级", "99010020120305123442")
    assert b"99010020120305123442" not in bytes(Tag.select(Tag.certificate).tuples().get()[0])
    page = client.get("students.list_tags", student_id=pupil.id).text
    assert "听力" in page and "二级" in page and "99010020120305123442" not in page and "民函〔2026〕3号" in page
    shown = client.post("students.reveal", {"field": f"certificate-{tag.id}", "reason": "verify"}, 200, student_id=pupil.id).text
    assert "99010020120305123442" in shown and AuditEntry.select().where(AuditEntry.fields == f"certificate-{tag.id}").exists()
    assert client.post("students.reveal", {"field": f"certificate-{tag.id}", "reason": "verify"}, 404, student_id=pupils.sibling.id)


@pytest.mark.parametrize("kind", [kind for kind in TAGS if kind != "disabled"])
def test_no_kind_keeps_what_it_does_not_ask(pupils, school_admin, kind):
    tag = tagged(pupils.mine, kind, school_admin, certificate="9901", disability_class="视力")
    assert (tag.certificate, tag.disability_class) == (None, "") and "certificate" not in fields_of(kind)


def test_a_monitored_household_ends_when_its_risk_is_cleared(pupils, school_admin, sign_in):
    tag = tagged(pupils.mine, "sudden_hardship", school_admin)
    client = sign_in(school_admin)
    assert "风险消除" in client.get("students.end_tag", student_id=pupils.mine.id, tag_id=tag.id).text and "风险消除" not in ends_of("orphan")
    client.post("students.end_tag", {"ends_on": "2026-11-01", "why": "风险消除"}, student_id=pupils.mine.id, tag_id=tag.id)
    ended = Tag.get()
    assert (ended.end_reason, ended.end_recorded_by_id, ended.ends_on) == ("风险消除", school_admin.id, datetime.date(2026, 11, 1))
    page = client.get("students.list_tags", student_id=pupils.mine.id).text
    assert "风险消除" in page and page.count(school_admin.name) >= 2


def test_a_correction_says_why_and_keeps_what_stood(pupils, school_admin, sign_in):
    tag = tagged(pupils.mine, "left_behind", school_admin, detail="父母外出")
    client = sign_in(school_admin)
    data = {**BASE, "detail": "母亲外出", "starts_on": "2026-09-15"}
    client.post("students.correct_tag", data, 400, student_id=pupils.mine.id, tag_id=tag.id)
    client.post("students.correct_tag", {**data, "reason": "家访核实"}, student_id=pupils.mine.id, tag_id=tag.id)
    now = Tag.get()
    assert (now.detail, now.starts_on, now.ends_on) == ("母亲外出", datetime.date(2026, 9, 15), None)
    version = StudentVersion.get()
    kept = json.loads(version.content)["tag"]
    assert version.cause == "correct" and kept["detail"] == "父母外出" and kept["starts_on"] == "2026-10-01" and kept["why"] == "家访核实"
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).first().fields == "tag.left_behind"
    client.get("students.correct_tag", status=404, student_id=pupils.sibling.id, tag_id=tag.id)


def test_what_a_tag_said_before_is_shown_to_whoever_reads_changes(pupils, county, school_admin, teacher, officer, sign_in):
    pupil = pupils.mine
    tag = tagged(pupil, "disabled", school_admin, disability_class="视力", certificate="99010119800101123X44")
    correct_tag(tag=tag, values={"disability_class": "听力", "certificate": "99010119800101123X43"}, reason="看错了证件", by=school_admin)
    correct_tag(tag=tag, values={"starts_on": SEPTEMBER, "disability_class": "言语"}, reason="核对证件", by=officer)
    page = sign_in(school_admin).get("students.list_tags", student_id=pupil.id).text
    assert "更正过 2 次" in page and "听力 → 言语" in page and "视力 → 听力" in page and "核对证件" in page and officer.name in page
    assert page.index("听力 → 言语") < page.index("视力 → 听力") and "2026-10-01" in page and "123X44" not in page + "".join(page.split())
    assert "更正过" not in sign_in(teacher).get("students.list_tags", student_id=pupil.id).text
    assert "听力" not in sign_in(teacher).get("students.list_tags", student_id=pupil.id).text


def test_what_a_guarded_tag_said_before_is_as_guarded(pupils, county, officer, monkeypatch):
    tag = tagged(pupils.mine, "involved", officer, detail="甲案")
    correct_tag(tag=tag, values={"detail": "乙案"}, reason="公函", by=officer)
    assert [*corrections_of(pupils.mine, tags_of(pupils.mine, officer))] == [tag.id]
    monkeypatch.setattr("aidtracker.students.queries_tags.OPENS", ())
    assert corrections_of(pupils.mine, tags_of(pupils.mine, officer)) == {}


def test_what_a_tag_said_before_comes_along_when_records_are_merged(pupils, officer, sign_in):
    tag = tagged(pupils.sibling, "orphan", officer, detail="父母双亡")
    correct_tag(tag=tag, values={"detail": "父亡母失踪"}, reason="民政来函", by=officer)
    kept, dropped = (Student.get_by_id(each.id) for each in (pupils.mine, pupils.sibling))
    merge_students(kept=kept, dropped=dropped, take=set(), revisions=(kept.revision, dropped.revision), reason="同一人", by=officer)
    assert "父母双亡 → 父亡母失踪" in sign_in(officer).get("students.list_tags", student_id=kept.id).text


def test_one_kind_holds_once_on_a_day(pupils, school_admin):
    first = tagged(pupils.mine, "orphan", school_admin, SEPTEMBER)
    end_tag(tag=first, ends_on=OCTOBER, by=school_admin)
    with pytest.raises(Refused, match="重叠"):
        tagged(pupils.mine, "orphan", school_admin, OCTOBER)
    second = tagged(pupils.mine, "orphan", school_admin, OCTOBER + datetime.timedelta(days=1))
    with pytest.raises(Refused, match="重叠"):
        correct_tag(tag=second, values={"starts_on": OCTOBER}, reason="核实", by=school_admin)
    with pytest.raises(Refused, match="请用「结束」"):
        correct_tag(tag=second, values={"ends_on": datetime.date(2026, 11, 1)}, reason="核实", by=school_admin)


def test_every_number_of_a_day_leads_to_its_pupils(pupils, county, officer, sign_in):
    """Also those who have left since, and those whose tag has ended since."""
    tagged(pupils.mine, "marginal_poor", officer, SEPTEMBER)
    end_tag(tag=tagged(pupils.mine, "unstable_poor", officer, SEPTEMBER), ends_on=OCTOBER, by=officer)
    end_tag(tag=tagged(pupils.sibling, "monitored", officer, SEPTEMBER), ends_on=OCTOBER, by=officer)
    tagged(pupils.elsewhere, "orphan", officer, datetime.date(2026, 11, 2))
    Enrollment.update(ends_on=datetime.date(2026, 10, 20)).where(Enrollment.student == pupils.sibling).execute()
    client = sign_in(officer)
    for day, school, kind, number in (
        ("2026-10-01", county.school, "monitored", 2), ("2026-10-01", county.school, "unstable_poor", 1), ("2026-10-02", county.school, "monitored", 1),
        ("2026-10-02", county.school, "unstable_poor", 0), ("2026-11-02", county.other_school, "orphan", 1), ("2026-11-01", county.other_school, "orphan", 0),
    ):  # fmt: skip
        page = client.get("students.show_tag_counts", on=day).text
        link = f"tag={kind}&amp;on={day}&amp;school={school.id}"
        assert (f"{link}\">{number}<" in page) == bool(number), (day, kind)
        assert f"共 {number} 人" in client.get("students.list_students", tag=kind, on=day, school=school.id).text
    towns = client.get("students.show_tag_counts", on="2026-10-01", level="township").text
    assert f"township={county.township.id}\">2<" in towns


def test_a_count_stays_within_the_reader(pupils, county, officer, school_admin, sign_in):
    tagged(pupils.elsewhere, "orphan", officer, SEPTEMBER)
    assert "那天没有登记" in sign_in(school_admin).get("students.show_tag_counts").text


def test_a_guarded_kind_is_for_those_who_look_after_the_record_or_the_case(pupils, county, officer, sign_in, monkeypatch):
    """Whoever only looks at pupils meets it nowhere: list, filter, tab, head, counts."""
    tagged(pupils.mine, "involved", officer, SEPTEMBER)
    role = permissions.ROLES["auditor"]
    plain = permissions.Role(role.label, role.english, role.held_at, role.permissions - {Permission.CASE_VIEW})
    looker = factories.make_user("auditor", county.county, "看一看", "looker")
    seen = pages_of(sign_in(looker), pupils.mine)
    assert all("涉案未成年人" in text for text in seen)
    monkeypatch.setitem(permissions.ROLES, "auditor", plain)
    hidden = pages_of(sign_in(looker), pupils.mine)
    assert "金" not in hidden[0] or pupils.mine.name not in hidden[0]
    assert not any("涉案未成年人" in text for text in hidden[1:])


def pages_of(client, pupil) -> list[str]:
    """The list filtered by the kind, without the filter's own words; the whole one; the pupil's pages; the counts."""
    filtered = client.get("students.list_students", tag="involved").text
    whole = client.get("students.list_students").text
    counts = client.get("students.show_tag_counts").text
    pages = [client.get(f"students.{name}", student_id=pupil.id).text for name in ("show_student", "list_tags", "list_guardians")]
    return [rows(filtered), rows(whole), *pages, rows(counts)]


def rows(text: str) -> str:
    return text[text.rindex("<section") :]


def test_the_trail_does_not_tell_a_guarded_kind(pupils, officer):
    tagged(pupils.mine, "involved", officer)
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).first().fields == "tag.guarded"


@pytest.mark.parametrize(
    ("detail", "found"),
    [("肢体残疾二级", ("肢体", "二级")), ("听力言语", ("听力", "")), ("多重残疾（视力）", ("多重", "")), ("残疾", ("", ""))],
)
def test_a_roster_says_class_and_grade_in_one_word(detail, found):
    assert disability_in("disabled", detail) == found and disability_in("orphan", detail) == ("", "")
