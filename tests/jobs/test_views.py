import datetime
from urllib.parse import unquote

import pytest

from aidtracker.accounts.models import Membership
from aidtracker.db import today_in_china, utcnow
from aidtracker.jobs import files
from aidtracker.jobs.models import Job
from tests import factories
from tests.drills.drill import swapped

WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116.0 MicroMessenger/8.0.47"


@pytest.fixture
def me(sign_in, teacher):
    return sign_in(teacher)


def test_a_waiting_job_refreshes_itself_with_and_without_scripts(me, home, start):
    job = start("count")
    page = me.get("jobs.show_job", uid=job.uid).text
    assert 'id="job"' in page and 'data-refresh="2"' in page and "frag.js" in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert "可以离开本页" in page and "<progress" in page


def test_a_running_job_shows_counted_rows_and_time_left(me, home, start):
    job = start("count")
    began = utcnow() - datetime.timedelta(seconds=10)
    Job.update(state="running", done=3200, total=38214, started_at=began).where(Job.id == job.id).execute()
    page = me.get("jobs.show_job", uid=job.uid).text
    assert "3,200 / 38,214 行" in page and "大约还要" in page
    assert '<progress max="38214" value="3200"' in page


def test_the_part_alone_comes_when_asked_for(me, home, start):
    job = start("count")
    part = me.http.get(me.url("jobs.show_job", uid=job.uid), headers={"X-Fragment": "job"}).text
    assert 'id="job"' in part and "<html" not in part


def test_a_finished_job_offers_its_file_and_stops_refreshing(me, immediate, start):
    job = start("write_file", name="双河镇_台账.csv")
    page = me.get("jobs.show_job", uid=job.uid).text
    assert "下载 双河镇_台账.csv" in page and "data-refresh" not in page and "http-equiv" not in page


def test_the_download_is_an_attachment_with_its_chinese_name(me, immediate, start):
    job = start("write_file", name="双河镇_台账.xlsx", text="内容")
    answer = me.http.get(me.url("jobs.fetch_result", uid=job.uid))
    assert answer.status_code == 200 and answer.text == "内容"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="download.xlsx"; filename*=UTF-8')
    assert unquote(disposition.rpartition("''")[2]) == "双河镇_台账.xlsx"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len("内容".encode()))
    assert answer.mimetype.endswith("spreadsheetml.sheet")


def test_in_wechat_a_hint_stands_in_place_of_the_button(me, immediate, start):
    job = start("write_file")
    page = me.http.get(me.url("jobs.show_job", uid=job.uid), headers={"User-Agent": WECHAT}).text
    assert "在浏览器打开" in page and "/result" not in page


def test_an_expired_file_says_so(me, immediate, start):
    job = start("write_file")
    Job.update(expires_at=utcnow() - datetime.timedelta(seconds=1)).where(Job.id == job.id).execute()
    assert "已经删除" in me.get("jobs.show_job", uid=job.uid).text
    answer = me.get("jobs.fetch_result", status=410, uid=job.uid)
    assert "24 小时" in answer.text
    assert "文件已到期" in me.get("jobs.list_jobs").text


def test_a_file_that_was_tampered_with_is_an_error_and_not_half_a_download(me, immediate, start):
    job = start("write_file")
    path = files.path_of(job)
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert me.http.get(me.url("jobs.fetch_result", uid=job.uid)).status_code == 500


@pytest.mark.parametrize("endpoint", ["jobs.show_job", "jobs.fetch_result"])
def test_another_persons_job_does_not_exist(sign_in, stranger, immediate, start, endpoint):
    job = start("write_file")
    other = sign_in(stranger)
    mine_not = other.get(endpoint, status=404, uid=job.uid)
    nobodys = other.get(endpoint, status=404, uid="0" * 32)
    assert len(mine_not.text) == len(nobodys.text)
    assert "试验" not in other.get("jobs.list_jobs").text


def test_a_failed_job_shows_why(me, immediate, start):
    job = start("refuse")
    assert "第 7 行有错。" in me.get("jobs.show_job", uid=job.uid).text
    assert "没有完成" in me.get("jobs.list_jobs").text


def test_my_jobs_are_listed_newest_first_and_an_empty_list_says_what_will_come(me, immediate, start):
    assert "这里会列出" in me.get("jobs.list_jobs").text
    start("write_file", name="甲.csv")
    start("write_file", name="乙.csv")
    page = me.get("jobs.list_jobs").text
    assert page.index("乙.csv") < page.index("甲.csv")


def test_nobody_sees_jobs_without_signing_in(client, app):
    assert client.http.get(client.url("jobs.list_jobs")).status_code in (302, 401)


@pytest.mark.parametrize(("last_day", "is_gone"), [(0, True), (1, False)])
def test_a_file_that_was_made_with_a_dated_role_goes_with_it(sign_in, immediate, start, county, last_day, is_gone):
    """Until midnight of its last day, and not for the rest of the file's 24 hours; another role does not give it back."""
    deputy = factories.make_user("teacher", county.room)
    ends_on = today_in_china() + datetime.timedelta(days=last_day)
    Membership.create(user=deputy, role="school_admin", org=county.school, starts_on="2026-01-01", ends_on=ends_on, duty="acting")
    job = start("write_file", by=deputy, name="名册.csv")
    sign_in(deputy).get("jobs.fetch_result", uid=job.uid)
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + datetime.timedelta(days=1)):
        Job.update(expires_at=utcnow() + datetime.timedelta(hours=26)).where(Job.id == job.id).execute()
        me = sign_in(deputy)
        answer = me.get("jobs.fetch_result", status=410 if is_gone else 200, uid=job.uid)
        assert ("角色已经到期" in answer.text) is is_gone
        assert ("/result" in me.get("jobs.show_job", uid=job.uid).text) is not is_gone
