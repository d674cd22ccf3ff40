"""What the registry of the demo leaves empty, done as people do it: pupils typed in twice, a merger, a household, a corrected tag, leave of
absence, transfers on their way, a split class, a field of the county's own, a check of quality; and workbooks that ask something back."""

import datetime
import io

import openpyxl

from aidtracker.db import today_in_china
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.actions import create_student
from aidtracker.students.actions_extra import add_field
from aidtracker.students.actions_families import set_household
from aidtracker.students.actions_merging import merge_students
from aidtracker.students.actions_moving import suspend_student
from aidtracker.students.actions_quality import check_quality
from aidtracker.students.actions_regrouping import split_class
from aidtracker.students.actions_tags import add_tag, correct_tag
from aidtracker.students.actions_transferring import confirm_transfer, transfer_student
from aidtracker.students.models import Student
from tests import factories

BORN = datetime.date(2017, 5, 4)


def furnish_registry(county: Org, admin) -> list[str]:
    """Addresses of what stands too far down in a list to be come across."""
    today = today_in_china()
    first, second = SchoolClass.select().join(Org, on=SchoolClass.org == Org.id).where(at_work(county) & (SchoolClass.stage == "primary")).order_by(SchoolClass.school.desc(), SchoolClass.org).limit(2)
    add_field(county=county, kind="choice", values={"label": "校车路线", "choices": "东线\n西线"}, by=admin)
    split_class(room=first.org, on_day=today, document="教字〔2026〕1号", reason="人数多", by=admin)
    twins = [typed_in(first.org, "欧阳若兰", admin) for _ in range(2)]
    kept, dropped = typed_in(first.org, "司马小川", admin), typed_in(second.org, "司马晓川", admin)
    merge_students(kept=fresh(kept), dropped=fresh(dropped), take=set(), revisions=(fresh(kept).revision, fresh(dropped).revision), reason="户口簿核对是同一人", by=admin)
    set_household(student=fresh(kept), others=[fresh(twins[0])], head_name="司马大山", address="河边村3组", number="HD-17", by=admin)
    tag = add_tag(student=fresh(kept), kind="disabled", detail="肢体残疾", starts_on=first_day(), source="残疾证", disability_class="肢体", by=admin)
    correct_tag(tag=tag, values={"disability_class": "听力", "detail": "听力残疾"}, reason="看错了证件", by=admin)
    away = typed_in(second.org, "慕容远", admin)
    suspend_student(student=fresh(away), left_on=today, reason="骨折住院", document="批〔2026〕9号", until_on=today + datetime.timedelta(days=90), by=admin)
    transfers = on_their_way(first, admin)
    check_quality(county_id=county.id, on=today, by=admin)
    tabs = [f"/students/{kept.id}/{tab}" for tab in ("guardians", "tags", "enrollments", "changes")]
    return [*tabs, f"/students/{away.id}/enrollments", *(f"/transfers/{one.id}" for one in transfers), f"/rollover/{first.school_id}", "/students/away"]


def at_work(county: Org):
    return (Org.county == county) & Org.closed_on.is_null()


def first_day() -> datetime.date:
    return datetime.date(factories.YEAR, 9, 1)


def typed_in(room: Org, name: str, admin) -> Student:
    values = {"name": name, "sex": "F", "born_on": BORN, "ethnicity": "汉族", "id_kind": "居民身份证", "entered_on": "", "home_code": "", "id_number": ""}
    return create_student(values=values, class_org=room, mode="day", seat=None, starts_on=first_day(), by=admin)


def fresh(pupil: Student) -> Student:
    return Student.get_by_id(pupil.id)


def on_their_way(room: SchoolClass, admin) -> list:
    """One that waits for an answer, one that waits for the child."""
    other, found = factories.make_school(room.school.parent, "白马小学"), []
    factories.make_class(other, "三年级", "1")
    for name in ("东方朔", "西门宁"):
        pupil = fresh(typed_in(room.org, name, admin))
        found.append(transfer_student(student=pupil, to_school=other, leaves_on=today_in_china(), asks="from", document="转学申请", reason="搬家", by=admin))
    confirm_transfer(transfer=found[1], by=admin)
    return found


def ask_back(client, kind: str = "students") -> None:
    """A workbook with a heading that nobody knows, and two workbooks at once."""
    strange = workbook("学校标识码 孩子叫什么 性别 出生日期 年级 班级 就读方式")
    client.post("imports.upload_workbook", {"file": (strange, "村小名册.xlsx"), "school_year": str(factories.YEAR)}, kind=kind)
    both = [(workbook("学校标识码 姓名 性别 出生日期 年级 班级 就读方式", name), f"{name}.xlsx") for name in ("诸葛一", "诸葛二")]
    client.post("imports.upload_workbook", {"file": both, "school_year": str(factories.YEAR)}, kind=kind)


def workbook(headings: str, name: str = "诸葛三") -> io.BytesIO:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append(headings.split())
    book.active.append([Org.get(Org.kind == "school").code, name, "男", "20160501", "三年级", "1班", "走读"])
    book.save(stream)
    stream.seek(0)
    return stream
