"""The pages of ledgers, and what is taken away: who, what, with which numbers, on record."""

import csv
import datetime
import html
import io
import re
import shutil
import subprocess
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from aidtracker import db
from aidtracker.accounts.models import Membership
from aidtracker.audit.models import AuditEntry
from aidtracker.excel import plain
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import rescue_stale, run_job
from aidtracker.ledgers import actions, files
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.students.models import Student
from tests import factories
from tests.ledgers.conftest import CARD, pay

EVERY = list(LEDGERS)
WECHAT = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.30"


def cells(text: str) -> list[list[str]]:
    """Every line of the table on the page."""
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", text, re.S)]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in found]


def export(client, name, status=303, **values):
    data = {each.name: "" for each in LEDGERS[name].filters} | {"format": "xlsx"} | values
    return client.post("ledgers.export_ledger", data, status, page=client.url("ledgers.show_ledger", name=name), name=name)


def fetched(client, answer):
    answer = client.http.get(answer.location + "/result")
    assert answer.status_code == 200, answer.text
    return answer


def sheet(answer, number=0):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(number).to_python(skip_empty_area=False)


def test_the_list_says_what_there_is(lines, officer, sign_in):
    page = sign_in(officer).get("ledgers.list_ledgers").text
    assert all(ledger.title in page and ledger.summary in page for ledger in LEDGERS.values())


def test_whoever_sees_no_pupil_takes_no_ledger_away(county, sign_in):
    client = sign_in(factories.make_user("finance", county.county))
    assert client.url("ledgers.list_ledgers") not in client.get("home.show_home").text
    client.get("ledgers.list_ledgers", 403)
    client.get("ledgers.show_ledger", 403, name="pupils")
    client.post("ledgers.export_ledger", {"format": "xlsx"}, 403, page=client.url("web.show_me"), name="pupils")


@pytest.mark.parametrize("name", EVERY)
def test_the_workbook_is_the_page(lines, officer, sign_in, jobs_at_once, name):
    client = sign_in(officer)
    page = client.get("ledgers.show_ledger", name=name).text
    assert "共 3 行" in page and "可左右滑动" in page
    rows = sheet(fetched(client, export(client, name)))
    assert rows[0] == LEDGERS[name].headings and [row[0] for row in rows[1:]] == [1, 2, 3]
    head, shown = LEDGERS[name].head_index, cells(page)[1:]
    assert [line[0].split()[-1] for line in shown] == [row[head + 1] for row in rows[1:]]
    for line, row in zip(shown, rows[1:], strict=True):
        others = [as_shown(value) for place, value in enumerate(row[1:]) if place != head]
        assert line[1:] == others


def as_shown(value) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if value % 1 or value > 100 else f"{int(value)}"
    return str(value)


def test_the_file_is_called_by_place_ledger_and_month(lines, coordinator, sign_in, jobs_at_once):
    client = sign_in(coordinator)
    answer = fetched(client, export(client, "payments"))
    month = f"{db.today_in_china():%Y-%m}"
    assert Job.get().download_name == f"双河镇_受助学生名单_{month}.xlsx"
    assert "filename*=UTF-8''%E5%8F%8C%E6%B2%B3%E9%95%87_" in answer.headers["Content-Disposition"]


def test_every_page_of_the_workbook_says_who_took_it_and_when(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    answer = fetched(client, export(client, "pupils"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        assert "李干事（officer）" in package.read("xl/worksheets/sheet1.xml").decode()


def test_the_job_counts_rows_and_says_how_many(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    page = client.http.get(export(client, "payments").location).text
    assert "已生成：受助学生名单，共 3 行。" in page
    job = Job.get()
    assert (job.state, job.done, job.total) == ("done", 3, 3)


def test_every_export_is_on_record(lines, coordinator, county, sign_in, jobs_at_once):
    export(sign_in(coordinator), "payments", state="paid", term="2026-autumn", org=county.township.id)
    entry = AuditEntry.get(AuditEntry.action == "ledgers.export_ledger")
    assert (entry.actor_name, entry.object_id, entry.count, entry.fields) == ("钱专干", "payments", 2, "")
    assert entry.reason == "990100100 term=2026-autumn state=paid xlsx"
    assert AuditEntry.select().where(AuditEntry.action == "ledgers.reveal_numbers").count() == 0


def test_whole_numbers_need_a_reason_and_are_on_record(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    refused = export(client, "payments", 400, is_whole="y").text
    assert "要写明用途" in refused and Job.select().count() == 0
    rows = sheet(fetched(client, export(client, "payments", is_whole="y", reason="报送市局核对")))
    at = LEDGERS["payments"].headings.index
    assert {row[at("身份证号")] for row in rows[1:]} == {pupil.id_number for pupil in lines.pupils}
    assert {row[at("社保卡/银行卡号")] for row in rows[1:]} == {f"***************{CARD[-4:]}"}
    entry = AuditEntry.get(AuditEntry.action == "ledgers.reveal_numbers")
    assert (entry.fields, entry.count, entry.reason) == ("id_number,student_number,phone", 3, "990100 报送市局核对")


def test_a_masked_file_holds_no_whole_number(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    for name in EVERY:
        text = str(sheet(fetched(client, export(client, name))))
        assert not any(number in text for pupil in lines.pupils for number in (pupil.id_number, pupil.phone, CARD))


def test_whole_numbers_are_for_whoever_may_see_them_in_the_whole_place(lines, officer, sign_in, jobs_at_once, monkeypatch):
    monkeypatch.setattr(actions, "may_reveal", lambda user, scope: False)
    client = sign_in(officer)
    export(client, "pupils", 403, is_whole="y", reason="核对")
    assert Job.select().count() == 0


def test_exports_keep_to_the_scope(lines, county, coordinator, sign_in, jobs_at_once):
    client = sign_in(coordinator)
    for place in (county.other_township, county.county, county.other_school, county.far_school):
        export(client, "pupils", 404, org=place.id)
        client.get("ledgers.show_ledger", 404, name="pupils", org=place.id)
    assert Job.select().count() == 0
    rows = sheet(fetched(client, export(client, "pupils", state="enrolled")))
    assert {row[1] for row in rows[1:]} == {"雀甲一", "雀丙三"}


def test_a_role_that_ended_between_click_and_job_gets_no_file(lines, officer, county, jobs_wait):
    asked = {"name": "pupils", "given": {}, "county": None, "org_id": county.county.id, "format": "xlsx"}
    job = actions.export_ledger(**asked, is_whole=True, reason="核对", by=officer)
    Membership.delete().where(Membership.user == officer).execute()
    run_job(job.uid)
    job = Job.get()
    assert (job.state, job.result_file) == ("failed", None)
    assert AuditEntry.select().where(AuditEntry.action.startswith("ledgers.")).count() == 0


def test_the_right_to_whole_numbers_is_asked_again_by_the_job(lines, officer, county, jobs_wait, monkeypatch):
    asked = {"name": "pupils", "given": {}, "county": None, "org_id": county.county.id, "format": "xlsx"}
    job = actions.export_ledger(**asked, is_whole=True, reason="核对", by=officer)
    monkeypatch.setattr(actions, "may_reveal", lambda user, scope: False)
    run_job(job.uid)
    assert (Job.get().state, Job.get().result_file) == ("failed", None)


def test_a_job_that_was_killed_is_done_again_and_gives_the_same_file(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    before = sheet(fetched(client, export(client, "payments")))
    long_ago = db.utcnow() - datetime.timedelta(minutes=10)
    Job.update(state="running", heartbeat_at=long_ago, attempts=1, result_file=None, download_name=None).execute()
    assert rescue_stale() == 1 and Job.get().state == "queued"
    run_job(Job.get().uid)
    assert sheet(client.http.get(f"/jobs/{Job.get().uid}/result")) == before


def test_a_text_that_begins_like_a_formula_stays_text(lines, officer, sign_in, jobs_at_once):
    Student.update(name="=1+1").where(Student.id == lines.here.id).execute()
    client = sign_in(officer)
    rows = sheet(fetched(client, export(client, "pupils", state="enrolled")))
    assert "=1+1" in {row[1] for row in rows}
    with zipfile.ZipFile(io.BytesIO(fetched(client, export(client, "pupils")).data)) as package:
        assert "<f>" not in package.read("xl/worksheets/sheet1.xml").decode()
    found = list(csv.reader(io.StringIO(fetched(client, export(client, "pupils", format="csv")).data.decode("utf-8-sig"))))
    assert "'=1+1" in {row[1] for row in found}


def test_csv_has_the_same_lines(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    answer = fetched(client, export(client, "payments", format="csv"))
    assert Job.get().download_name.endswith(".csv") and answer.data.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert found[0] == LEDGERS["payments"].headings and len(found) == 4
    line = dict(zip(found[0], found[1], strict=True))
    assert (line["应发金额(元)"], line["发放日期"], line["姓名"]) == ("625.50", "2026-11-10", "雀甲一")


@pytest.mark.parametrize("writer", ["fast", "openpyxl"])
def test_what_does_not_fit_a_sheet_goes_to_the_next(lines, officer, sign_in, jobs_at_once, monkeypatch, writer):
    monkeypatch.setattr(plain, "MAX_ROWS", 2)
    if writer == "openpyxl":
        monkeypatch.setattr(plain, "rust", None)
    client = sign_in(officer)
    answer = fetched(client, export(client, "payments"))
    first, second = sheet(answer), sheet(answer, 1)
    assert first[0] == second[0] == LEDGERS["payments"].headings
    assert [row[0] for row in (*first[1:], *second[1:])] == [1, 2, 3]


def test_an_empty_ledger_has_its_headings_all_the_same(county, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    for name in EVERY:
        assert "没有符合条件的记录" in client.get("ledgers.show_ledger", name=name).text
        assert sheet(fetched(client, export(client, name))) == [LEDGERS[name].headings]
        text = fetched(client, export(client, name, format="csv")).data.decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == [LEDGERS[name].headings]
    assert {entry.count for entry in AuditEntry.select().where(AuditEntry.action == "ledgers.export_ledger")} == {0}


def test_fewer_lines_than_were_counted_make_no_file(lines, officer, sign_in, jobs_at_once, monkeypatch):
    monkeypatch.setattr(files, "count", lambda ledger, reading: 4)
    client = sign_in(officer)
    page = client.http.get(export(client, "payments").location).text
    assert "应有 4 行，只写出 3 行" in page and Job.get().result_file is None
    assert AuditEntry.select().where(AuditEntry.action == "ledgers.export_ledger").count() == 0


def test_what_is_written_meanwhile_is_not_in_the_file(lines, officer, sign_in, jobs_at_once, monkeypatch):
    """The count and every line are of one moment."""
    counted = files.count

    def count_then_pay(ledger, reading):
        number = counted(ledger, reading)
        pay(lines.batch, factories.make_student(lines.county.room, "雀丁四"))
        return number

    monkeypatch.setattr(files, "count", count_then_pay)
    client = sign_in(officer)
    rows = sheet(fetched(client, export(client, "payments")))
    assert len(rows) == 4 and "雀丁四" not in str(rows)
    assert "雀丁四" in client.get("ledgers.show_ledger", name="payments").text


def test_progress_is_told_while_the_lines_pass(lines, officer, county, monkeypatch, jobs_at_once):
    told = []
    monkeypatch.setattr(files, "CHUNK", 2)
    monkeypatch.setattr(actions, "progress", lambda job, done, total: told.append((done, total)))
    actions.export_ledger(name="payments", given={}, county=None, org_id=county.county.id, format="xlsx", by=officer)
    assert told == [(0, 3), (2, 3), (3, 3)]


def test_a_second_tap_is_one_job(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    page = client.get("ledgers.show_ledger", name="pupils").text
    hidden = dict(re.findall(r'name="(csrf_token|key|org|state)" value="([^"]*)"', page))
    url = client.url("ledgers.export_ledger", name="pupils")
    first, second = (client.http.post(url, data={**hidden, "format": "xlsx"}) for _ in range(2))
    assert first.location == second.location and Job.select().count() == 1


def test_an_impossible_filter_is_said_in_words(lines, officer, sign_in, jobs_at_once):
    client = sign_in(officer)
    page = client.get("ledgers.show_ledger", 400, name="visits", **{"from": "2026-11-10", "to": "2026-11-09"}).text
    assert "早于" in page and "导出 Excel" not in page
    assert "早于" in export(client, "visits", 400, **{"from": "2026-11-10", "to": "2026-11-09"}).text
    assert "格式只能是" in export(client, "visits", 400, format="pdf").text and Job.select().count() == 0


def test_wechat_gets_a_hint_in_place_of_the_download(lines, officer, sign_in):
    client = sign_in(officer)
    url = client.url("ledgers.show_ledger", name="payments")
    page = client.http.get(url, headers={"User-Agent": WECHAT}).text
    assert "微信里不能下载文件" in page and "导出 Excel" not in page
    assert "导出 Excel" in client.http.get(url).text


def test_more_than_fifty_lines_come_in_pages(lines, officer, sign_in):
    for n in range(60):
        pay(lines.batch, factories.make_student(lines.county.room, f"雀生{n}"))
    client = sign_in(officer)
    page = client.get("ledgers.show_ledger", name="payments").text
    assert "共 63 行" in page and len(cells(page)) == 51
    assert len(cells(client.get("ledgers.show_ledger", name="payments", page=2).text)) == 14


@pytest.mark.once
def test_an_office_program_reads_the_same_lines(lines, officer, sign_in, jobs_at_once, tmp_path):
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        pytest.skip("LIBREOFFICE IS MISSING: the ledger was not opened by an office program")
    client = sign_in(officer)
    answer = fetched(client, export(client, "payments", is_whole="y", reason="核对"))
    (tmp_path / "ledger.xlsx").write_bytes(answer.data)
    to = "csv:Text - txt - csv (StarCalc):44,34,76,1"
    words = [soffice, f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", to, "--outdir", str(tmp_path)]
    subprocess.run([*words, str(tmp_path / "ledger.xlsx")], check=True, capture_output=True, timeout=180)
    found = list(csv.reader((tmp_path / "ledger.csv").read_text(encoding="utf-8").splitlines()))
    assert found[0] == LEDGERS["payments"].headings and len(found) == 4
    line = dict(zip(found[0], found[1], strict=True))
    assert (line["身份证号"], line["应发金额(元)"], line["发放日期"]) == (lines.here.id_number, "625.50", "2026-11-10")
