"""A county's workbooks in by the command line, its figures out: every one equals a sum made without the product."""

import json

import openpyxl
import pytest

from aidtracker.aid.models import Payment, PaymentVersion
from aidtracker.attendance.models import Absence
from aidtracker.audit.queries import first_broken_entry
from aidtracker.students.models import Enrollment, Guardian, Student
from aidtracker.visits.models import Visit
from tests.conftest import ON_POSTGRESQL
from tests.golden import made_lists, made_visits
from tests.golden.made_county import DAYS, YEAR, MadeCounty
from tests.golden.made_payments import TERMS, MadePayments
from tests.golden.messy_roster import write_messy_roster

SCHOOL_YEAR = ("--school-year", f"{YEAR}-{YEAR + 1}")
KINDS = (("schools", "schools.xlsx", ()), ("students", "roster.xlsx", SCHOOL_YEAR), ("attendance", "attendance.xlsx", ()))
KINDS += (("visits", "visits.xlsx", ()),)


@pytest.fixture
def run(app):
    """run('import', ...) -> (exit status, what was said as JSON)."""
    runner = app.test_cli_runner()

    def go(*words, stdin=None):
        done = runner.invoke(args=[str(word) for word in words], input=stdin)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        try:
            return done.exit_code, json.loads(done.stdout)
        except ValueError:
            return done.exit_code, done.stderr

    return go


@pytest.fixture(params=[1] if ON_POSTGRESQL else [1, 2, 3])
def made(request, tmp_path, run):
    """A county brought in whole, once."""
    county = MadeCounty(request.param)
    county.write(tmp_path)
    county.folder, county.visits = tmp_path, made_visits.MadeVisits(county)
    county.visits.write(tmp_path)
    assert run("import", "divisions", tmp_path / "divisions.csv", "--json")[0] == 0
    create = ("create-user", "golden", "--role", "bureau_admin", "--org", "990101", "--password-stdin")
    assert run(*create, stdin="Xy7-long-enough-91\n")[0] == 0
    for kind, name, options in KINDS:
        status, said = run("import", kind, tmp_path / name, "--as", "golden", "--json", *options)
        assert (status, said["refused"], said["created"]) == (0, 0, said["rows"]), said
    return county


def report(run, folder, name, *options):
    out = folder / f"{name}.json"
    status, said = run("report", name, *options, "--as", "golden", "--format", "json", "--out", out)
    assert status == 0, said
    return json.loads(out.read_text(encoding="utf-8"))


def test_the_registry_counts_what_the_roster_holds(made, run):
    figures = report(run, made.folder, "registry", *SCHOOL_YEAR)
    assert {key: figures[key] for key in made.registry()} == made.registry()


def test_the_attendance_report_equals_the_sums(made, run):
    wanted = made.attendance_report()
    figures = report(run, made.folder, "attendance", "--from", DAYS[0], "--to", DAYS[-1])
    got = {code: {k: figures["by_school_township"][code][k] for k in row} for code, row in wanted["by_school_township"].items()}
    assert got == wanted["by_school_township"]
    for key in ("as_of", "days", "students_with_streak", "streak_3_or_more"):
        assert figures[key] == wanted[key], key
    assert {k: figures["total"][k] for k in wanted["total"]} == wanted["total"]


def test_the_report_of_visits_equals_the_sums(made, run):
    wanted = made.visits.report()
    figures = report(run, made.folder, "visits", "--from", made_visits.FIRST, "--to", made_visits.LAST)
    got = {code: {k: figures["by_school_township"][code][k] for k in row} for code, row in wanted["by_school_township"].items()}
    assert got == wanted["by_school_township"]
    assert {key: figures[key] for key in wanted if key != "by_school_township"} == {k: v for k, v in wanted.items() if k != "by_school_township"}


def test_the_workbook_holds_the_same_figures(made, run):
    out = made.folder / "attendance.xlsx.out"
    words = ("--from", DAYS[0], "--to", DAYS[-1], "--as", "golden", "--format", "xlsx", "--out", out)
    assert run("report", "attendance", *words)[0] == 0
    with out.open("rb") as file:
        cells = {cell for row in openpyxl.load_workbook(file).active.iter_rows(values_only=True) for cell in row}
    total = made.attendance_report()["total"]
    assert {total["expected"], total["present"], *(t["expected"] for t in made.sums().values())} <= cells


def test_the_same_files_again_change_nothing(made, run):
    for kind, name, options in (("divisions", "divisions.csv", ()), *KINDS):
        status, said = run("import", kind, made.folder / name, "--as", "golden", "--json", *options)
        assert (status, said["created"], said["updated"], said["unchanged"]) == (0, 0, 0, said["rows"]), said
    assert Student.select().count() == len(made.pupils) == Enrollment.select().count()
    assert Absence.select().count() == len(made.absences)
    assert Visit.select().count() == len(made.visits.visits) + len(made.visits.lessons)
    assert first_broken_entry() is None


def test_the_aid_report_equals_the_sums_of_the_payments(made, run):
    payments = MadePayments(made, len(made.pupils))
    payments.write(made.folder)
    for outcome in ("created", "unchanged"):  # the same file again changes nothing
        status, said = run("import", "aid-payments", made.folder / "payments.xlsx", "--as", "golden", "--json")
        assert (status, said[outcome]) == (0, len(payments.lines)), said
    for term in TERMS:
        wanted, got = payments.report(term), report(run, made.folder, "aid", "--term", term)
        homes = {code: got["by_home_township"][code] for code in wanted["by_home_township"]}
        assert {**{key: got[key] for key in wanted}, "by_home_township": homes} == wanted
    assert (Payment.select().count(), PaymentVersion.select().count()) == (len(payments.lines), 0)


def test_the_matching_report_equals_the_sets(made, run):
    lists, payments = made_lists.MadeLists(made, len(made.pupils)), MadePayments(made, len(made.pupils))
    payments.write(made.folder)
    assert run("import", "aid-payments", made.folder / "payments.xlsx", "--as", "golden", "--json")[0] == 0
    for kind, name, dated in lists.write(made.folder):
        for outcome in ("created", "unchanged"):
            status, said = run("import", kind, made.folder / name, "--as", "golden", "--dated", dated, "--json")
            assert (status, said["refused"], said[outcome]) == (0, 0, said["rows"]), said
    paid = {pupil["id"] for pupil, term, *_, state in payments.lines if term == "2021-spring" and state == "成功"}
    wanted = lists.report(paid)
    got = report(run, made.folder, "matching", "--as-of", made_lists.AS_OF)
    assert {key: got[key] for key in wanted} == wanted


def test_a_messy_roster_is_judged_row_by_row(run, tmp_path):
    county = MadeCounty(4)
    county.write(tmp_path)
    run("import", "divisions", tmp_path / "divisions.csv", "--json")
    run("create-user", "golden", "--role", "bureau_admin", "--org", "990101", "--password-stdin", stdin="Xy7-long-enough-91\n")
    run("import", "schools", tmp_path / "schools.xlsx", "--as", "golden", "--json")
    verdicts = write_messy_roster(tmp_path / "messy.xlsx", county.schools[0][0])
    for words in (("--check",), ()):
        status, said = run("import", "students", tmp_path / "messy.xlsx", "--as", "golden", "--json", *SCHOOL_YEAR, *words)
        assert status == 1
        assert_verdicts(said, verdicts)
    accepted = sum(level != "refused" for level, *_ in verdicts.values())
    assert Student.select().count() == accepted
    assert Guardian.select().count() == 0


def assert_verdicts(said, verdicts):
    found: dict = {}
    for problem in said["problems"]:
        found.setdefault(problem["row"], []).append((problem["level"], problem["code"], problem["column"]))
    for row, verdict in verdicts.items():
        here = found.pop(row, [])
        assert verdict in here if verdict[0] != "accepted" else not here, (row, verdict, here)
    assert not found, f"problems on rows that hold no pupil: {found}"
    levels = [level for level, *_ in verdicts.values()]
    assert said["rows"] == len(levels)
    assert (said["refused"], said["warned"]) == (levels.count("refused"), levels.count("warned"))
