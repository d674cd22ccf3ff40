"""本班点名表: down, filled in somewhere, up again: merged cell by cell, refused in words, and nothing overwritten unseen."""

import datetime
import io
import random
import shutil
import subprocess

import openpyxl
import pytest

from aidtracker.attendance.class_book import NOTES, grid_of, sheets_of
from aidtracker.attendance.models import Absence, RollCall, RollCallVersion
from aidtracker.attendance.queries import visible_class
from aidtracker.excel.grid import write_grid
from aidtracker.imports.intake import commit_plan, plan_tables, read_file
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.students.models import Enrollment
from aidtracker.terms.models import CalendarDay
from tests import factories

KIND = KINDS["class-rolls"]
HEAD = 5  # the line of the headings
FIRST, SECOND, THIRD = "次仁卓玛", "王小明", "阿卜杜热合曼·买买提"
UP = "imports.upload_workbook"
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


class Book:
    """A downloaded workbook, to be edited by names and headings as a person does."""

    def __init__(self, stream):
        self.book = openpyxl.load_workbook(stream)
        self.sheet = self.book.active

    def column(self, on, session="上午"):
        return next(c for c in range(4, self.sheet.max_column + 1) if str(self.sheet.cell(HEAD, c).value).startswith(on.isoformat()) and session in self.sheet.cell(HEAD, c).value)

    def row(self, name):
        return next(r for r in range(HEAD + 1, self.sheet.max_row + 1) if self.sheet.cell(r, 3).value == name)

    def cell(self, name, on, session="上午"):
        return self.sheet.cell(self.row(name), self.column(on, session))

    def put(self, on, session="上午", **marks):
        for name, word in marks.items():
            self.cell({"whole": "（全班）", "first": FIRST, "second": SECOND, "third": THIRD}[name], on, session).value = word

    def stream(self):
        found = io.BytesIO()
        self.book.save(found)
        found.seek(0)
        return found


@pytest.fixture
def download(county, today, pupils, teacher):
    def fetch(first=None, last=None, room=None, by=None):
        place, target = visible_class(by or teacher, (room or county.room).id), io.BytesIO()
        write_grid("点名表", NOTES, *grid_of(place, sheets_of(place, first or today, last or today)), target)
        target.seek(0)
        return Book(target)

    return fetch


@pytest.fixture
def upload(tmp_path, teacher):
    """upload(book) -> the plan, committed unless check=True."""

    def bring(book, by=None, check=False, choices=None):
        path = tmp_path / "book.xlsx"
        path.write_bytes(book.stream().read())
        tables = read_file(KIND, path, path.name)
        plan = plan_tables(KIND, tables, by=by or teacher, choices=choices)
        assert plan.created + plan.updated + plan.unchanged + plan.refused == plan.rows
        if not check:
            commit_plan(KIND, plan, by=by or teacher)
        return plan

    return bring


def reasons(plan):
    return [problem.message for problem in plan.problems]


def marks_now(on, session="morning"):
    return dict(Absence.select(Absence.student, Absence.mark).join(RollCall).where((RollCall.on == on) & (RollCall.session == session)).tuples())


def test_a_round_trip_without_edits_changes_nothing(download, upload, take, today, yesterday, pupils):
    take({pupils.first: ("sick_leave", "感冒")})
    take({pupils.second: "late"}, on=yesterday, session="afternoon")
    plan = upload(download(yesterday, today))
    assert (plan.created, plan.updated, plan.refused, plan.unchanged, plan.rows) == (0, 0, 0, 4, 4)
    assert RollCall.select().count() == 2 and RollCallVersion.select().count() == 0


def test_an_empty_column_is_no_roll_and_a_full_one_is(download, upload, today, pupils, sums_fit):
    book = download()
    book.put(today, first="病假", second="到", third="到")
    plan = upload(book)
    assert (plan.created, plan.unchanged, plan.refused) == (3, 1, 0)
    roll = RollCall.get()
    assert (roll.session, roll.expected, roll.present, marks_now(today)) == ("morning", 3, 2, {pupils.first.id: "sick_leave"})
    sums_fit()


def test_the_line_of_the_class_says_that_blanks_were_there(download, upload, today, pupils):
    book = download()
    book.put(today, whole="已点", second="迟到")
    assert upload(book).refused == 0
    assert (RollCall.get().expected, marks_now(today)) == (3, {pupils.second.id: "late"})


def test_a_first_roll_lacks_nobody(download, upload, today):
    book = download()
    book.put(today, first="病假")
    plan = upload(book)
    assert plan.refused == 3 and any("没填" in text for text in reasons(plan)) and any("全班一起交" in text for text in reasons(plan))
    assert RollCall.select().count() == 0


def test_a_correction_changes_one_mark_and_keeps_the_reasons_of_the_others(download, upload, take, today, pupils, sums_fit):
    take({pupils.first: ("sick_leave", "感冒"), pupils.second: "unexplained"})
    book = download()
    book.put(today, second="事假")
    plan = upload(book)
    assert (plan.updated, plan.unchanged, plan.refused) == (1, 3, 0)
    assert marks_now(today) == {pupils.first.id: "sick_leave", pupils.second.id: "personal_leave"}
    assert Absence.get(Absence.student == pupils.first.id).reason == "感冒"
    version = RollCallVersion.get()
    assert version.marks == {str(pupils.first.id): "sick_leave", str(pupils.second.id): "unexplained"}
    sums_fit()


def test_what_somebody_else_changed_elsewhere_stays(download, upload, take, today, pupils):
    take()
    book = download()
    book.put(today, second="事假")
    take({pupils.first: "late"}, base=1)
    assert upload(book).updated == 1
    assert marks_now(today) == {pupils.first.id: "late", pupils.second.id: "personal_leave"}


def test_where_both_changed_one_mark_both_are_shown_and_nothing_is_overwritten(download, upload, take, today, pupils):
    take()
    book = download()
    book.put(today, first="病假", second="事假")
    take({pupils.first: "late"}, base=1)
    plan = upload(book)
    (conflict,) = plan.conflicts
    assert {name: conflict[name] for name in ("name", "mine", "theirs", "before", "who")} == {"name": FIRST, "mine": "病假", "theirs": "迟到", "before": "到", "who": "张老师"}
    assert plan.refused == 1 and marks_now(today) == {pupils.first.id: "late", pupils.second.id: "personal_leave"}


@pytest.mark.parametrize(("whose", "stands"), [("mine", "sick_leave"), ("theirs", "late")])
def test_the_sender_chooses_line_by_line(download, upload, take, today, pupils, whose, stands):
    take()
    book = download()
    book.put(today, first="病假")
    take({pupils.first: "late"}, base=1)
    (conflict,) = upload(book, check=True).conflicts
    plan = upload(book, choices={conflict["key"]: f"{whose}|{conflict['shown']}"})
    assert plan.refused == 0 and marks_now(today) == {pupils.first.id: stands}


def test_a_choice_says_nothing_of_a_mark_that_changed_once_more(download, upload, take, today, pupils):
    take()
    book = download()
    book.put(today, first="病假")
    take({pupils.first: "late"}, base=1)
    (conflict,) = upload(book, check=True).conflicts
    take({pupils.first: "official"}, base=2)
    plan = upload(book, choices={conflict["key"]: f"mine|{conflict['shown']}"})
    assert plan.refused == 1 and marks_now(today) == {pupils.first.id: "official"}


def test_a_roll_that_somebody_took_meanwhile_is_merged_too(download, upload, take, today, pupils):
    book = download()
    book.put(today, whole="已点", second="迟到")
    take({pupils.second: "late"})
    assert upload(book, check=True).refused == 0
    book.put(today, second="事假")
    plan = upload(book)
    assert [one["before"] for one in plan.conflicts] == ["未点"] and marks_now(today) == {pupils.second.id: "late"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda b, today: setattr(b.sheet.cell(b.row(FIRST), 3), "value", "别的名字"), "名字是锁定的"),
        (lambda b, today: b.sheet.append([None, None, "新来的", "到"]), "不是下载的表里的"),
        (lambda b, today: b.sheet.append([b.sheet.cell(b.row(FIRST), 1).value, "1", FIRST, "病假"]), "出现了两次"),
        (lambda b, today: setattr(b.sheet.cell(b.row(FIRST), 1), "value", "B99999-S1"), "另一个班"),
        (lambda b, today: b.put(today, first="睡觉"), "不在可选范围"),
        (lambda b, today: b.put(today, first="晚归"), "不在可选范围"),
        (lambda b, today: b.put(today, whole="全勤"), "只能填「已点」"),
        (lambda b, today: setattr(b.sheet.cell(HEAD, b.column(today)), "value", f"{today.isoformat()} 上午（第 9 版）"), "版本对不上"),
    ],
)
def test_what_was_meddled_with_is_given_back_with_the_reason(download, upload, take, today, pupils, spoil, words):
    take({pupils.second: "late"})
    book = download()
    book.put(today, third="事假") if "版本" in words else None
    spoil(book, today)
    plan = upload(book)
    assert any(words in text for text in reasons(plan)), reasons(plan)
    assert marks_now(today) == {pupils.second.id: "late"}


def test_another_class_s_workbook_is_refused_in_whole(download, upload, county, today, pupils, stranger, school_admin):
    book = download()
    book.put(today, whole="已点")
    plan = upload(book, by=stranger)
    assert plan.refused == plan.rows == 4 and all("没有给这个班点名的权限" in text for text in reasons(plan))
    assert RollCall.select().count() == 0
    assert upload(download(room=county.sibling_room, by=school_admin), by=school_admin).refused == 0


def test_the_window_of_the_page_holds_for_the_workbook(download, upload, take, today, yesterday, pupils, school_admin):
    long_ago, tomorrow = today - datetime.timedelta(days=9), today + datetime.timedelta(days=1)
    CalendarDay.create(on=tomorrow, county=None, kind="workday", name="补课") if not CalendarDay.get_or_none(on=tomorrow, county=None) else None
    take(on=yesterday)
    book = download(long_ago, tomorrow)
    book.put(long_ago, whole="已点")
    book.put(yesterday, first="病假")
    book.put(today, whole="已点")
    plan = upload(book)
    said = " ".join(reasons(plan))
    assert "已超过 7 天" in said and "校级管理员更正" not in said and RollCall.select().count() == 1
    book = download(yesterday, today)
    book.put(yesterday, first="病假")
    assert any("本校管理员更正" in text for text in reasons(upload(book))) and marks_now(yesterday) == {}
    assert upload(book, by=school_admin).updated == 1 and marks_now(yesterday) == {pupils.first.id: "sick_leave"}
    assert RollCallVersion.get().reason


def test_days_to_come_stay_empty(download, upload, today, pupils):
    tomorrow = today + datetime.timedelta(days=1)
    CalendarDay.delete().where((CalendarDay.on == tomorrow) & CalendarDay.county.is_null()).execute()
    CalendarDay.create(on=tomorrow, county=None, kind="workday", name="补课")
    book = download(today, tomorrow)
    book.put(tomorrow, whole="已点")
    assert any("还没到这一天" in text for text in reasons(upload(book))) and RollCall.select().count() == 0


def test_who_is_not_expected_has_a_locked_dash(download, upload, county, today, yesterday):
    late_comer = factories.make_student(county.room, "后来的", seat=9)
    Enrollment.update(starts_on=today).where(Enrollment.student == late_comer).execute()
    book = download(yesterday, today)
    cell = book.cell("后来的", yesterday)
    assert cell.value == "—" and cell.protection.locked and not book.cell("后来的", today).protection.locked
    cell.value = "到"
    assert any("不用点上午" in text for text in reasons(upload(book)))


def test_names_are_locked_marks_are_offered_and_codes_are_hidden(download, today, take):
    take()
    book = download()
    assert book.sheet.protection.sheet and book.sheet.cell(book.row(FIRST), 3).protection.locked
    assert not book.cell(FIRST, today).protection.locked and book.sheet.column_dimensions["A"].hidden
    offers = [rule.formula1 for rule in book.sheet.data_validations.dataValidation]
    assert any(offer.startswith('"到,病假,事假') for offer in offers) and '"已点"' in offers
    assert "（第 1 版）" in book.sheet.cell(HEAD, book.column(today)).value and "（未点）" in book.sheet.cell(HEAD, book.column(today, "下午")).value


@pytest.mark.parametrize("seed", range(5))
def test_any_edits_on_top_of_any_changes_lose_nothing(seed, download, upload, take, today, pupils, sums_fit):
    """What stands afterwards: of a cell that the sender changed and nobody else, theirs; of any other, what stood."""
    rng, words = random.Random(seed), {"": "到", "sick_leave": "病假", "late": "迟到", "personal_leave": "事假"}
    ids = {FIRST: pupils.first, SECOND: pupils.second, THIRD: pupils.third}
    draw = lambda: {pupil: mark for pupil in ids.values() if (mark := rng.choice(list(words)))}  # noqa: E731
    base = draw()
    take(base)
    book = download()
    mine = {name: rng.choice(list(words)) for name in ids if rng.random() < 0.6}
    for name, mark in mine.items():
        book.cell(name, today).value = words[mark]
    others = draw()
    take(others, base=1)
    before = marks_now(today)
    plan = upload(book)
    after = marks_now(today)
    for name, pupil in ids.items():
        then, theirs, wish = base.get(pupil, ""), before.get(pupil.id, ""), mine.get(name, base.get(pupil, ""))
        expected = wish if theirs == then else theirs
        assert after.get(pupil.id, "") == expected
    clashes = sum(mine[name] not in (base.get(ids[name], ""), before.get(ids[name].id, "")) and before.get(ids[name].id, "") != base.get(ids[name], "") for name in mine)
    assert len(plan.conflicts) == clashes == plan.refused
    sums_fit()


@pytest.mark.once
def test_it_survives_another_office(download, upload, today, yesterday, take, pupils, tmp_path):
    if SOFFICE is None:
        pytest.skip("LIBREOFFICE IS MISSING: the class's workbook was not saved by an office program")
    take({pupils.first: "late"}, on=yesterday)
    book = download(yesterday, today)
    (tmp_path / "in.xlsx").write_bytes(book.stream().read())
    words = [SOFFICE, f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run([*words, str(tmp_path / "in.xlsx")], check=True, capture_output=True, timeout=180)
    again = Book(io.BytesIO((tmp_path / "out" / "in.xlsx").read_bytes()))
    assert upload(again, check=True).unchanged == 4
    again.put(today, whole="已点", second="病假")
    assert upload(again).refused == 0 and marks_now(today) == {pupils.second.id: "sick_leave"}


def test_through_the_browser_with_a_choice(jobs_at_once, sign_in, teacher, county, today, take, pupils):
    client = sign_in(teacher)
    take()
    assert "下载点名表" in client.get("attendance.show_class_book").text
    answer = client.get("attendance.fetch_class_book", class_id=county.room.id, first=today.isoformat(), last=today.isoformat())
    book = Book(io.BytesIO(answer.data))
    book.put(today, first="病假")
    take({pupils.first: "late"}, base=1)
    client.post(UP, {"file": (book.stream(), "点名.xlsx")}, kind="class-rolls")
    uid = ImportFile.get().uid
    page = client.get("imports.show_import", uid=uid).text
    assert "逐条选择" in page and "说明不认识的列" not in page
    assert "用表里的：病假" in client.get("imports.set_choices", uid=uid).text
    client.post("imports.set_choices", {"line-0": "mine"}, uid=uid)
    assert "导入 1 行" in client.get("imports.show_import", uid=uid).text
    client.post("imports.commit_import", uid=uid, page=client.url("imports.show_import", uid=uid))
    assert marks_now(today) == {pupils.first.id: "sick_leave"}
    assert "改过 2 次" in client.get("attendance.show_history", class_id=county.room.id).text


def test_only_who_takes_the_roll_gets_the_workbook(sign_in, coordinator, stranger, county, today):
    sign_in(coordinator).get("attendance.fetch_class_book", status=403, class_id=county.room.id)
    sign_in(stranger).get("attendance.fetch_class_book", status=404, class_id=county.room.id)
