import datetime
import logging

import pytest

from aidtracker.db import database, transaction, utcnow
from aidtracker.jobs import actions, files, queue, running
from aidtracker.jobs.actions import expire_results
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import BROKE, TakenAway, claim, progress, rescue_stale, run_job


def test_a_job_runs_and_keeps_its_figures(immediate, start):
    job = start("count", up_to=4)
    assert (job.state, job.done, job.total, job.attempts) == ("done", 4, 4, 1)
    assert job.result == {"counted": 4, "message": "数完了。"}
    assert job.message == "数完了。"
    assert job.finished_at >= job.started_at


def test_a_job_starts_only_after_its_transaction_is_committed(immediate, teacher):
    with transaction():
        job = actions.enqueue(kind="tests.count", args={}, by=teacher)
        assert Job.get_by_id(job.id).state == "queued"
    assert Job.get_by_id(job.id).state == "done"


def test_a_job_of_a_transaction_that_failed_never_starts(immediate, kinds, teacher):
    with pytest.raises(ZeroDivisionError), transaction():
        actions.enqueue(kind="tests.count", args={}, by=teacher)
        raise ZeroDivisionError
    assert Job.select().count() == 0


def test_a_kind_that_nobody_registered_is_a_mistake_at_once(immediate, teacher):
    with pytest.raises(KeyError, match="no function"):
        actions.enqueue(kind="tests.nothing", args={}, by=teacher)


def test_a_refusal_ends_the_job_with_its_words(immediate, start):
    job = start("refuse")
    assert (job.state, job.message) == ("failed", "第 7 行有错。")


def test_an_error_ends_the_job_with_plain_words_and_logs_no_data(immediate, start, caplog):
    with caplog.at_level(logging.DEBUG):
        job = start("break_down")
    assert (job.state, job.message) == ("failed", BROKE % {"number": job.uid[:8].upper()})
    assert "ValueError" in caplog.text and "break_down" in caplog.text
    assert "9901212010" not in caplog.text


def test_the_queue_being_unwritable_leaves_the_job_waiting_and_the_action_done(home, start, monkeypatch):
    def full():
        raise OSError("disk full")

    monkeypatch.setattr(queue, "the_queue", full)
    assert start("count").state == "queued"


def test_a_job_is_run_once_however_often_it_is_called(home, start):
    job = start("count")
    run_job(job.uid)
    run_job(job.uid)
    assert Job.get_by_id(job.id).attempts == 1


def test_progress_is_written_once_a_second(home, start, monkeypatch):
    job = claim(start("count").uid)
    writes, clock = [], [100.0]
    monkeypatch.setattr(running, "update_mine", lambda job, **values: writes.append(values["done"]))
    monkeypatch.setattr(running.time, "monotonic", lambda: clock[0])
    for done in range(12):
        clock[0] += 0.25
        progress(job, done, 12)
    assert writes == [0, 4, 8]
    assert job.done == 11


def make_stale(job, attempts=1):
    old = utcnow() - datetime.timedelta(minutes=3)
    Job.update(state="running", attempts=attempts, heartbeat_at=old).where(Job.id == job.id).execute()


def test_a_run_without_heartbeat_is_queued_again_once_and_then_given_up(home, start):
    job = start("count")
    make_stale(job)
    assert rescue_stale() == 1
    assert Job.get_by_id(job.id).state == "queued"
    make_stale(job, attempts=2)
    assert rescue_stale() == 1
    failed = Job.get_by_id(job.id)
    assert failed.state == "failed" and failed.uid[:8].upper() in failed.message


def test_a_run_with_a_heartbeat_is_left_alone(home, start):
    claim(start("count").uid)
    assert rescue_stale() == 0


def test_a_run_that_was_given_up_cannot_overwrite_the_one_that_follows(home, start):
    lost = claim(start("count").uid)
    make_stale(lost)
    rescue_stale()
    second = claim(lost.uid)
    with pytest.raises(TakenAway):
        progress(lost, 1, 2)
    with pytest.raises(TakenAway):
        running.end(lost, state="done", message="")
    assert (second.attempts, Job.get_by_id(lost.id).state) == (2, "running")


def test_the_heartbeat_goes_on_while_a_step_takes_long(home, start, monkeypatch):
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.02)
    job = claim(start("count").uid)
    before = Job.get_by_id(job.id).heartbeat_at
    with running.beating(job):
        for _ in range(200):
            running.threading.Event().wait(0.02)
            if Job.get_by_id(job.id).heartbeat_at > before:
                break
    assert Job.get_by_id(job.id).heartbeat_at > before


def test_messages_in_the_queue_carry_a_number_only_and_no_pickle(home, start):
    job = start("count", up_to=5)
    (message,) = queue.the_queue().storage.enqueued_items()
    assert job.uid.encode() in bytes(message)
    assert bytes(message).startswith(b"[") and b"up_to" not in bytes(message)


def test_waiting_rows_without_a_message_get_one(home, start):
    job = start("count")
    storage = queue.the_queue().storage
    queue.wake_waiting()
    assert storage.queue_size() == 1
    storage.flush_queue()
    queue.wake_waiting()
    assert job.uid.encode() in bytes(storage.enqueued_items()[0])
    assert not database.in_transaction()


def test_a_run_whose_owner_loses_a_role_meanwhile_leaves_no_file(immediate, kinds, start, teacher):
    """What it was allowed at its start it is no longer at its end."""

    def slow(job):
        with files.result_file(job, "x.csv") as path:
            path.write_text("姓名")
            with transaction():
                expire_results(teacher.id)

    job_kind("tests.slow", "试验 slow")(slow)
    job = start("slow")
    assert (job.state, job.result_file, job.download_name) == ("failed", None, None)
    assert "权限刚有变动" in job.message
