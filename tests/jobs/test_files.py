import datetime
import os
import stat
import time

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.db import utcnow
from aidtracker.errors import NotFound
from aidtracker.jobs import files
from aidtracker.jobs.actions import ResultExpired, fetch_result
from aidtracker.jobs.files import download_name, purge_expired, result_file
from aidtracker.jobs.models import Job


def names(home):
    return sorted(path.name for path in (home.instance / "results").iterdir())


def test_a_result_is_kept_sealed_for_its_owner_and_opens_again(immediate, start, teacher):
    job = start("write_file", text="次仁卓玛")
    path = files.path_of(job)
    assert "次仁卓玛".encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(immediate) == [job.result_file]
    assert b"".join(fetch_result(job=job, by=teacher)).decode() == "次仁卓玛"
    assert files.size_of(job) == len("次仁卓玛".encode())
    assert job.expires_at - job.finished_at < datetime.timedelta(hours=24)


def test_each_fetching_is_on_record(immediate, start, teacher):
    job = start("write_file")
    fetch_result(job=job, by=teacher)
    entry = AuditEntry.get(AuditEntry.action == "jobs.fetch_result")
    assert (entry.actor_id, entry.object_id, entry.reason) == (teacher.id, job.uid, "tests.write_file")


def test_another_person_gets_nothing(immediate, start, stranger):
    with pytest.raises(NotFound):
        fetch_result(job=start("write_file"), by=stranger)


def test_nothing_remains_of_a_file_whose_writing_failed(immediate, start):
    job = start("count")
    with pytest.raises(ZeroDivisionError), result_file(job, "x.csv") as path:
        path.write_text("half")
        raise ZeroDivisionError
    assert names(immediate) == []
    assert job.result_file is None


def test_a_second_file_replaces_the_first(immediate, start):
    job = start("count")
    for text in ("one", "two"):
        with result_file(job, "x.csv") as path:
            path.write_text(text)
    assert names(immediate) == [job.result_file]
    assert b"".join(files.opened(job)) == b"two"


def test_files_are_deleted_after_a_day_and_say_so(immediate, start, teacher):
    job = start("write_file")
    assert purge_expired(utcnow() + datetime.timedelta(hours=23)) == 0
    assert purge_expired(utcnow() + datetime.timedelta(hours=25)) == 1
    assert names(immediate) == []
    job = Job.get_by_id(job.id)
    assert job.result_file is None and job.download_name
    with pytest.raises(ResultExpired) as caught:
        fetch_result(job=job, by=teacher)
    assert caught.value.status == 410


def test_what_killed_processes_left_is_swept_and_what_is_needed_stays(immediate, start):
    job = start("write_file")
    draft, fresh = (immediate.instance / "results" / name for name in ("draft-1.xlsx", "draft-2.xlsx"))
    draft.touch()
    fresh.touch()
    for path in (draft, files.path_of(job)):
        os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
    purge_expired()
    assert names(immediate) == sorted([job.result_file, "draft-2.xlsx"])


def test_rows_are_forgotten_after_ninety_days(immediate, start):
    start("count")
    purge_expired(utcnow() + datetime.timedelta(days=89))
    assert Job.select().count() == 1
    purge_expired(utcnow() + datetime.timedelta(days=91))
    assert Job.select().count() == 0


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("双河镇_台账_2026-11.xlsx", "双河镇_台账_2026-11.xlsx"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ('a\r\nb"c.xlsx', "a_b_c.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_download_names_are_harmless_everywhere(given, name):
    assert download_name(given) == name
