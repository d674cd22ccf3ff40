import dataclasses
import datetime
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aidtracker.audit.actions import record
from aidtracker.audit.anchors import FILE, read_anchors
from aidtracker.db import transaction, utcnow
from aidtracker.jobs import worker
from aidtracker.jobs.models import Job
from aidtracker.jobs.worker import Worker, leadership, start_worker, work_in_web

PATIENCE = 20  # seconds; a busy machine

# A process of its own: a worker that takes the job and never ends it.
STUCK = """
import json, sys, threading
from aidtracker import db
from aidtracker.config import load_settings
from aidtracker.jobs import queue
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.worker import Worker

@job_kind("tests.count", "试验")
def stuck(job, **args):
    print("taken", flush=True)
    threading.Event().wait()

settings = load_settings(json.loads(sys.argv[1]))
db.init_database(settings)
queue.configure(settings)
Worker(settings).run()
"""


def eventually(holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def working(home, monkeypatch):
    """working() -> a started Worker; all are stopped afterwards."""
    monkeypatch.setattr(worker, "CANDIDATE_SECONDS", 0.05)
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.1)
    started = []

    def start():
        started.append(Worker(home))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop(PATIENCE)
        assert not each.thread.is_alive()


def test_a_worker_runs_what_was_queued_before_and_after_it_began(working, start):
    before = start("count")
    working()
    after = start("write_file")
    for job in (before, after):
        eventually(lambda job=job: Job.get_by_id(job.id).state == "done")


def test_a_job_that_breaks_does_not_end_the_worker(working, start):
    working()
    broken, good = start("break_down"), start("count")
    eventually(lambda: Job.get_by_id(broken.id).state == "failed")
    eventually(lambda: Job.get_by_id(good.id).state == "done")


def test_the_leader_notes_the_head_of_the_trail(working, home):
    with transaction():
        record(action="students.edit_student", by=None, object_kind="student", object_id="1")
    working()
    eventually((home.instance / FILE).exists)
    assert [anchor.number for anchor in read_anchors(home.instance / FILE)] == [1]


def test_one_of_two_workers_leads_and_the_other_takes_over(working, start):
    first = working()
    eventually(first.is_leader.is_set)
    second = working()
    assert not second.is_leader.wait(0.3)
    first.stop(PATIENCE)
    eventually(second.is_leader.is_set)
    job = start("count")
    eventually(lambda: Job.get_by_id(job.id).state == "done")


def test_the_lock_belongs_to_one_at_a_time(tmp_path):
    lock = tmp_path / "jobs.lock"
    with leadership(lock) as mine, leadership(lock) as theirs:
        assert (mine, theirs) == (True, False)
    with leadership(lock) as mine:
        assert mine


def test_the_job_of_a_killed_worker_is_finished_by_the_next(working, home, start):
    job = start("count", up_to=2)
    environ = {"AIDTRACKER_INSTANCE": str(home.instance), "DATABASE_URL": home.database_url}
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, json.dumps(environ)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout.readline() == b"taken\n"
    candidate = working()
    assert not candidate.is_leader.wait(0.3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    eventually(candidate.is_leader.is_set)
    assert Job.get_by_id(job.id).state == "running"  # not before its heartbeat is old
    Job.update(heartbeat_at=utcnow() - datetime.timedelta(minutes=3)).where(Job.id == job.id).execute()
    eventually(lambda: Job.get_by_id(job.id).state == "done")
    assert Job.get_by_id(job.id).attempts == 2


def test_a_process_starts_one_worker_and_signals_stay_as_they_were(home, monkeypatch):
    monkeypatch.setattr(worker, "_workers", {})
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    one = start_worker(home)
    try:
        assert start_worker(home) is one
        eventually(one.is_leader.is_set)
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    finally:
        one.stop(PATIENCE)


class App:
    """Stands for the web application: keeps what is to run before a request."""

    def __init__(self):
        self.before = []

    def before_request(self, function):
        self.before.append(function)


def test_the_web_process_starts_its_worker_with_the_first_request(home, monkeypatch):
    app, started = App(), threading.Event()
    monkeypatch.setattr(worker, "_workers", {})
    monkeypatch.setattr(worker, "start_worker", lambda settings: started.set())
    work_in_web(app, worker_settings(home, True))
    assert not started.is_set()
    app.before[0]()
    assert started.is_set()


def test_the_web_process_starts_none_when_a_process_of_its_own_works(home):
    app = App()
    work_in_web(app, worker_settings(home, False))
    assert app.before == []


def worker_settings(settings, in_web):
    return dataclasses.replace(settings, jobs_in_web=in_web)
