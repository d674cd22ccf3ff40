"""Databases as earlier versions left them, with people and records in them: filled in full, then taken back to an earlier number."""

import datetime
import hashlib
import itertools
import shutil
from pathlib import Path

from playhouse.migrations import Runner

from aidtracker import db
from aidtracker.accounts import sessions
from aidtracker.aid.actions import create_batch
from aidtracker.cases.actions import open_case
from aidtracker.db import open_database
from aidtracker.operation.migration import FOLDER
from aidtracker.terms.calendar import term_of
from aidtracker.visits.actions import record_visit
from tests import cast, factories, postgres
from tests.drills.drill import Given

NAMES = [path.stem for path in sorted(FOLDER.glob("0*.py"))]
TEACHER = "drill.teacher"
HISTORY = "schema_migration"
numbers = itertools.count(1)


def fill() -> None:
    """A little of everything, by the actions that a county uses."""
    places = cast.make_county()
    teacher = factories.make_user("teacher", places.room, "张老师", TEACHER)
    officer = factories.make_user("bureau_admin", places.county, "赵主任", "drill.officer")
    pupils = [factories.make_student(places.room, f"次仁{mark}", home=places.village, phone="13900005678", address="扎多村3组") for mark in "甲乙丙丁"]
    for pupil in pupils:
        factories.make_guardian(pupil)
    today = db.today_in_china()  # the house's own, also when a bug is planted in it
    values = {"form": "on_site", "on": today, "minutes": 30, "purposes": ["routine"], "teachers": "张老师", "person_met": "次仁", "relation": "父亲"}
    record_visit(students=pupils[:2], values=values | {"at_home": "表现良好", "views": "", "agreed": "继续关注", "follow_up_on": None}, by=teacher)
    open_case(student=pupils[2], values={"found_on": today, "main_reason": "01", "detail": "未返校"}, by=officer)
    create_batch(county=places.county, program_name="营养补助", term_code=term_of(today).code, name="01", by=officer)
    sessions.sign_in(username=TEACHER, password=factories.PASSWORD, network="192.0.2.7", agent="")


def new_database(given: Given, instance: Path, like: str | None = None) -> str:
    """URL of one of its own: empty, or a copy of another."""
    if given.on_postgresql:
        return postgres.create_database(template=like)
    target = instance / f"drill-{next(numbers)}.db"
    if like:
        shutil.copy(like.removeprefix("sqlite:///"), target)
    return f"sqlite:///{target}"


def forget(url: str) -> None:
    if url.startswith("postgresql"):
        postgres.drop_database(url)


def taken_back(url: str, applied: int) -> None:
    """Only so many migrations stand; what later tables held is gone, all else is there."""
    opened = open_database(url)
    with opened.connection_context():
        if applied < len(NAMES):
            Runner(opened, str(FOLDER)).down(target=NAMES[applied])


class Contents:
    """Every row of every table, to be found again: columns that came later are not asked for."""

    def __init__(self, url: str):
        self.columns: dict[str, list[str]] = {}
        opened = open_database(url)
        with opened.connection_context():
            for table in sorted(opened.get_tables()):
                if table not in (HISTORY, "sqlite_sequence") and not table.startswith("job_queue"):
                    self.columns[table] = [column.name for column in opened.get_columns(table)]
        self.rows = self.read(url)

    def read(self, url: str) -> dict[str, tuple[int, str]]:
        opened = open_database(url)
        with opened.connection_context():
            return {table: rows_of(opened, table, columns) for table, columns in self.columns.items()}

    def lost(self, url: str) -> list[str]:
        now = self.read(url)
        return [table for table, before in self.rows.items() if now[table] != before]


def rows_of(opened, table: str, columns: list[str]) -> tuple[int, str]:
    named = ", ".join(f'"{name}"' for name in columns)
    rows = sorted(repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]) for row in opened.execute_sql(f'SELECT {named} FROM "{table}"'))
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def at_one_in_the_morning(days: int) -> float:
    """Seconds from now to that day's 17:00 UTC: in China the next day has begun, in Los Angeles it has not even dawned."""
    now = datetime.datetime.now(datetime.UTC)
    then = (now + datetime.timedelta(days=days)).replace(hour=17, minute=0, second=0, microsecond=0)
    return (then - now).total_seconds()
