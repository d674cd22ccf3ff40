"""Kinds of jobs for the tests, and a folder of queue and results for each test."""

import dataclasses

import pytest

from aidtracker.errors import Refused
from aidtracker.jobs import actions, files, queue, running
from aidtracker.jobs.kinds import KINDS, job_kind


def count(job, up_to=3):
    for number in range(up_to):
        running.progress(job, number + 1, up_to)
    return {"counted": up_to, "message": "数完了。"}


def write_file(job, name="双河镇_台账_2026-11.csv", text="姓名"):
    with files.result_file(job, name) as path:
        path.write_text(text)


def refuse(job):
    raise Refused("第 %(row)s 行有错。", row=7)


def break_down(job):
    raise ValueError("990121201001012345")


@pytest.fixture
def kinds():
    """The kinds of the tests beside those of the house."""
    before = dict(KINDS)
    for function in (count, write_file, refuse, break_down):
        job_kind(f"tests.{function.__name__}", f"试验 {function.__name__}")(function)
    yield KINDS
    KINDS.clear()
    KINDS.update(before)


@pytest.fixture
def home(app, kinds, tmp_path):
    """Settings with a folder of this test for queue, lock and results."""
    instance = tmp_path / "home"
    instance.mkdir(mode=0o700)
    before = queue._settings, files._folder
    settings = dataclasses.replace(app.config["SETTINGS"], instance=instance)
    queue.configure(settings)
    yield settings
    queue._hueys.clear()
    queue._settings, files._folder = before


@pytest.fixture
def immediate(home):
    queue.set_immediate(True)
    yield home
    queue.set_immediate(False)


@pytest.fixture
def start(teacher):
    """start("count", up_to=9) -> the job as it stands afterwards."""

    def started(kind, by=None, **args):
        job = actions.enqueue(kind=f"tests.{kind}", args=args, by=by or teacher)
        return type(job).get_by_id(job.id)

    return started
