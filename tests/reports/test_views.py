"""The pages of reports: what they show to whom, how one goes down, and the way to the workbook."""

import csv
import datetime
import html
import io
import re
import shutil
import subprocess

import pytest
from python_calamine import CalamineWorkbook

from aidtracker.audit.models import AuditEntry
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import run_job
from aidtracker.orgs.scopes import scope_of
from aidtracker.reports import attended, enrolled
from tests import factories
from tests.reports.invented import InventedCounty

RANGE = {"from": "2026-10-19", "to": "2026-10-30"}
WECHAT = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.30"


@pytest.fixture
def made(app):
    return InventedCounty(5)


@pytest.fixture
def officer(made):
    return factories.make_user("bureau_staff", made.county, "李干事", "officer")


def cells(text: str) -> list[list[str]]:
    """Every line of the first form on the page, as text."""
    table = re.search(r'<section class="paper">.*?<table>(.*?)</table>', text, re.S)[1]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)
    found = [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows]
    return [row for row in found if row]


def test_the_list_says_what_there_is(made, officer, sign_in):
    page = sign_in(officer).get("reports.list_reports").text
    assert "在校学生情况" in page and "学生出勤情况" in page


def test_the_page_shows_the_table_of_the_report(made, officer, sign_in):
    page = sign_in(officer).get("reports.show_report", name="attendance", **RANGE).text
    (table,) = attended.tables(attended.sums(scope_of(officer), first=made_day("from"), last=made_day("to")))
    rows = cells(page)
    assert rows[-1] == table.shown_totals()
    assert rows[-1 - len(table.rows) : -1] == list(table.shown_rows())
    assert table.title in page and "数据截至" in page and "单位负责人（盖章）" in page


def made_day(name):
    return datetime.date.fromisoformat(RANGE[name])


def test_the_table_leads_down_to_schools_and_classes(made, officer, sign_in):
    client = sign_in(officer)
    page = client.get("reports.show_report", name="attendance", **RANGE).text
    township = made.townships[0]
    assert f"org={township.id}" in page
    page = client.get("reports.show_report", name="attendance", org=township.id, **RANGE).text
    school = made.schools_in(township)[0]
    assert school.name in page and f"org={school.id}" in page
    page = client.get("reports.show_report", name="attendance", org=school.id, **RANGE).text
    rooms = [room for room, where in made.rooms.items() if where == school]
    assert any(f"/roll/history/{room.id}" in page for room in rooms)
    client.get("reports.show_report", name="registry", org=school.id)


@pytest.mark.parametrize("name", ["registry", "attendance"])
def test_whoever_has_no_pupils_yet_is_told_so(county, sign_in, name):
    client = sign_in(factories.make_user("bureau_staff", county.county))
    assert "数据截至" in client.get("reports.show_report", name=name).text


def test_a_county_without_any_place_below_is_told_what_to_do(app, sign_in):
    bare = factories.make_org("county", "空县", None, "990500")
    page = sign_in(factories.make_user("bureau_staff", bare)).get("reports.show_report", name="attendance").text
    assert "请先导入学校和学生" in page


def test_another_county_does_not_exist(made, officer, county, sign_in):
    client = sign_in(officer)
    for place in (county.county, county.township, county.school):
        client.get("reports.show_report", 404, name="attendance", org=place.id)
        client.get("reports.show_report", 404, name="registry", org=place.id)
    client.get("reports.show_report", 404, name="registry", county="990100")
    client.get("reports.show_report", 404, name="nothing")


def test_a_coordinator_sees_the_own_township_alone(made, sign_in):
    client = sign_in(factories.make_user("township_coordinator", made.townships[0]))
    page = client.get("reports.show_report", name="attendance", **RANGE).text
    for school in made.schools:
        assert (school.name in page) == (made.schools[school] == made.townships[0])
    client.get("reports.show_report", 404, name="attendance", org=made.townships[1].id)
    client.get("reports.show_report", 404, name="attendance", org=made.county.id)


def test_a_teacher_sees_no_report(made, sign_in):
    client = sign_in(factories.make_user("teacher", next(iter(made.rooms))))
    client.get("reports.list_reports", 403)
    client.get("reports.show_report", 403, name="registry")


def serious(made, schools):
    return {number: days for number, days in made.streaks(schools).items() if days >= 3}


def test_pupils_are_named_with_masked_ids_to_those_who_may_see_them(made, officer, sign_in):
    page = sign_in(officer).get("reports.show_report", name="attendance", people="all", **RANGE).text
    wanted = serious(made, made.schools)
    assert wanted
    for pupil in made.pupils.values():
        assert pupil.number not in page
        assert (f"{pupil.number[:3]}***********{pupil.number[-4:]}" in page) == (pupil.number in wanted)


@pytest.mark.parametrize("role", ["finance", "city_viewer"])
def test_whoever_may_not_see_pupils_gets_figures_without_names(made, sign_in, role):
    place = made.city if role == "city_viewer" else made.county
    page = sign_in(factories.make_user(role, place)).get("reports.show_report", name="attendance", **RANGE).text
    assert "连续旷课 3 天以上" in page and "雀" not in page and "***" not in page


def test_a_school_head_who_is_also_in_finance_sees_the_own_pupils_alone(made, sign_in):
    school = next(iter(made.schools))
    user = factories.make_user("school_admin", school)
    factories.Membership.create(user=user, role="finance", org=made.county, starts_on=made_day("from"))
    page = sign_in(user).get("reports.show_report", name="attendance", people="all", **RANGE).text
    mine, all_ = serious(made, [school]), serious(made, made.schools)
    assert len(all_) > len(mine)
    for number in all_:
        assert (f"***********{number[-4:]}" in page) == (number in mine)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"from": "2026-10-30", "to": "2026-10-19"}, "早于"),
        ({"from": "昨天"}, "请写成"),
        ({"from": "1999-01-01", "to": "2026-01-01"}, "三个学年"),
    ],
)
def test_an_impossible_range_is_said_in_words(made, officer, sign_in, asked, why):
    page = sign_in(officer).get("reports.show_report", 400, name="attendance", **asked).text
    assert why in page and "有错误：" in page and 'class="kpi"' not in page


def test_a_city_viewer_chooses_the_county(made, sign_in):
    other = factories.make_org("county", "邻山县", made.city, "990399")
    client = sign_in(factories.make_user("city_viewer", made.city))
    page = client.get("reports.show_report", name="registry").text
    assert "青石县" in page and "邻山县" in page
    assert "<b>邻山县</b>" in client.get("reports.show_report", name="registry", county=other.code, **{"school-year": "2026-2027"}).text
    assert "导出" not in re.sub(r"<nav.*?</nav>", "", page, flags=re.S)


def export(client, **values):
    client.get("reports.show_report", name="attendance", **RANGE)
    return client.post("reports.export_report", {**RANGE, **values}, name="attendance", page=client.url("reports.show_report", name="attendance"))


def fetched(client, answer):
    answer = client.http.get(answer.location + "/result")
    assert answer.status_code == 200, answer.text
    return answer


def test_the_workbook_is_the_page(made, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    page = client.get("reports.show_report", name="attendance", **RANGE).text
    answer = fetched(client, export(client, org=made.county.id))
    assert "filename*=UTF-8''%E9%9D%92%E7%9F%B3%E5%8E%BF_%E5%87%BA%E5%8B%A4_2026-10-19_2026-10-30.xlsx" in answer.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    rows = book.get_sheet_by_name("出勤情况").to_python(skip_empty_area=False)
    shown = cells(page)
    for line in shown[2:]:
        cells_ = next(row for row in rows if row[0] == line[0])
        assert [as_shown(value, text) for value, text in zip(cells_, line, strict=False)] == line
    assert any("李干事（officer）" in str(cell) for row in rows for cell in row)


def as_shown(value, text):
    if isinstance(value, str):
        return value
    return f"{value:.2%}" if text.endswith("%") else f"{int(value):,}"


@pytest.mark.once
def test_an_office_program_reads_the_same_figures(made, officer, sign_in, jobs_at_once, tmp_path):
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        pytest.skip("LIBREOFFICE IS MISSING: the report was not opened by an office program")
    client = sign_in(officer)
    shown = cells(client.get("reports.show_report", name="attendance", **RANGE).text)
    (tmp_path / "report.xlsx").write_bytes(fetched(client, export(client, org=made.county.id)).data)
    to = "csv:Text - txt - csv (StarCalc):44,34,76,1"
    words = [soffice, f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", to, "--outdir", str(tmp_path)]
    subprocess.run([*words, str(tmp_path / "report.xlsx")], check=True, capture_output=True, timeout=180)
    lines = csv.reader((tmp_path / "report.csv").read_text(encoding="utf-8").splitlines())
    rows = {row[0]: row for row in lines if row}
    for line in shown[2:]:
        assert rows[line[0]] == line


def test_every_export_is_on_record(made, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    export(client, org=made.townships[0].id)
    entry = AuditEntry.get(AuditEntry.action == "reports.export_report")
    rows = len(made.schools_in(made.townships[0])) + len(serious(made, made.schools_in(made.townships[0])))
    assert (entry.actor_name, entry.object_id, entry.count) == ("李干事", "attendance", rows)
    assert entry.reason == f"{made.townships[0].code} from=2026-10-19 to=2026-10-30"


def test_a_second_tap_is_one_job(made, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    page = client.get("reports.show_report", name="registry").text
    hidden = dict(re.findall(r'name="(csrf_token|key|org|school-year)" value="([^"]*)"', page))
    url = client.url("reports.export_report", name="registry")
    first, second = (client.http.post(url, data=hidden) for _ in range(2))
    assert first.location == second.location and Job.select().count() == 1


def test_exports_keep_to_the_scope(made, county, sign_in, jobs_at_once):
    client = sign_in(factories.make_user("township_coordinator", made.townships[0]))
    for place in (made.townships[1], made.county, county.school):
        values = {**RANGE, "org": place.id}
        client.post("reports.export_report", values, 404, page=client.url("reports.list_reports"), name="attendance")
    assert Job.select().count() == 0


def test_whoever_may_only_look_exports_nothing(made, sign_in):
    client = sign_in(factories.make_user("auditor", made.county))
    assert "导出 Excel" not in client.get("reports.show_report", name="attendance", **RANGE).text
    client.post("reports.export_report", RANGE, 403, name="attendance", page=client.url("reports.list_reports"))


def test_an_impossible_export_is_refused(made, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    answer = client.post(
        "reports.export_report", {"from": "2026-10-30", "to": "2026-10-19", "org": made.county.id}, 400, name="attendance",
        page=client.url("reports.list_reports"),
    )  # fmt: skip
    assert "早于" in answer.text and Job.select().count() == 0


def test_a_role_that_ended_before_the_job_ran_gets_no_file(made, officer, jobs_at_once):
    args = {"name": "attendance", "given": RANGE, "county": None, "org_id": made.county.id}
    job = Job.create(kind="reports.export_report", args=args, owner_id=officer.id)
    factories.Membership.delete().where(factories.Membership.user == officer).execute()
    run_job(job.uid)
    job = Job.get()
    assert (job.state, job.result_file) == ("failed", None)


def test_wechat_gets_a_hint_in_place_of_the_download(made, officer, sign_in):
    client = sign_in(officer)
    url = client.url("reports.show_report", name="attendance")
    page = client.http.get(url, headers={"User-Agent": WECHAT}).text
    assert "微信里不能下载文件" in page and "导出 Excel" not in page
    assert "微信里不能下载文件" not in client.http.get(url).text


def test_the_registry_of_a_school_goes_by_grade(made, sign_in):
    school = next(iter(made.schools))
    rows = cells(sign_in(factories.make_user("school_admin", school)).get("reports.show_report", name="registry").text)
    assert rows[0][0] == "年级" and rows[-1][0] == "合计"
    assert enrolled.REPORT.word == "在校学生"


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "9999-12-31"])
@pytest.mark.parametrize(
    ("name", "options"), [("attendance", ("from", "to")), ("visits", ("from", "to")), ("matching", ("as-of",))]
)
def test_a_day_beyond_every_calendar_is_refused_in_words(made, officer, sign_in, name, options, day):
    answer = sign_in(officer).http.get(f"/reports/{name}", query_string=dict.fromkeys(options, day))
    assert answer.status_code == 400
    assert "请写成 2021-03-29 这样的真实日期" in answer.text
