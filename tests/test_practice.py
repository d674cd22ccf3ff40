"""The mark of a practice installation: into an empty database only, never out again; and what it keeps from coming in."""

import peewee
import psycopg
import pytest

from aidtracker.db import database, transaction
from aidtracker.operation.models import Installation
from aidtracker.practice import is_practice, is_refused_number, marked, marked_name, stamped
from tests import factories
from tests.conftest import ON_POSTGRESQL

REFUSED = (peewee.DatabaseError, psycopg.DatabaseError)
MARK = {"is_demo": True, "is_practice": True}
MARKED = "INSERT INTO installation (id, is_demo, is_practice, created_at, generation, paper_key) VALUES (1, {0}, {0}, '2026-11-20', 1, '')"


def run(statement):
    with transaction():
        database.execute_sql(statement)


def test_a_real_site_is_not_for_practice_and_marks_nothing(app, county, officer):
    assert not is_practice()
    assert (marked("名册"), marked_name("名册.xlsx"), stamped("李干事"), stamped(None)) == ("名册", "名册.xlsx", "李干事", None)
    assert not is_refused_number("110101201803050012")


def test_the_mark_goes_into_an_empty_database_and_all_that_leaves_it_is_marked(practice):
    assert is_practice()
    assert (marked("名册"), marked_name("名册.xlsx"), marked_name("练习_名册.xlsx")) == ("【练习】名册", "练习_名册.xlsx", "练习_名册.xlsx")
    assert stamped("李干事") == "【练习：数据都是编造的】李干事"
    assert stamped(None) == "【练习：数据都是编造的】"


@pytest.mark.parametrize("there", ["place", "person"])
def test_the_mark_never_goes_into_a_database_that_is_in_use(app, there):
    org = factories.make_org("county", "云岭县", None, "990100")
    if there == "person":
        factories.make_user("bureau_admin", org)
    with pytest.raises(REFUSED, match="empty database only"), transaction():
        Installation.update(**MARK).execute()
    run("DELETE FROM installation")
    with pytest.raises(REFUSED, match="empty database only"):
        run(MARKED.format("TRUE"))
    assert not is_practice()


OUT = [
    "UPDATE installation SET is_practice = FALSE",
    "UPDATE installation SET is_demo = FALSE",
    "DELETE FROM installation",
    "TRUNCATE installation" if ON_POSTGRESQL else "REPLACE " + MARKED.format("FALSE").removeprefix("INSERT "),
]


@pytest.mark.parametrize("statement", OUT)
def test_the_mark_stays_whatever_is_tried(practice, statement):
    with pytest.raises(REFUSED, match="mark of practice stays"):
        run(statement)
    assert Installation.get().is_practice


def test_what_else_the_row_keeps_may_change(practice):
    with transaction():
        Installation.update(generation=7).execute()
    assert Installation.get().generation == 7


def test_an_answer_is_remembered_only_when_it_can_change_no_more(app):
    """An empty database may still become one for practice; one with people in it may not, and is asked no more."""
    assert not is_practice()
    with transaction():
        Installation.update(**MARK).execute()
    assert is_practice()
    database.close()
    assert is_practice(), "known without a connection"


def test_where_nobody_can_be_asked_it_is_a_real_site(practice):
    database.close()
    assert not is_practice()


@pytest.mark.parametrize(
    ("number", "is_refused"),
    [
        ("341524201803050011", True), ("34152420180305001x", True), (" 341524180305001 ", True), ("G341524201803050011", True),
        ("990101201803050011", False), ("G990101201803050011", False), ("K1234567", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_no_number_comes_in_that_a_real_child_may_carry(practice, number, is_refused):
    assert is_refused_number(number) is is_refused
