"""What somebody might forget: a scope, a guard, a check on one road of two. Each with the tests that are there to meet it."""

import contextlib
import dataclasses
from collections.abc import Callable
from unittest import mock

from flask import has_request_context, request

from aidtracker.accounts.models import User
from aidtracker.errors import NotFound
from aidtracker.jobs.models import Job
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING
from aidtracker.permissions import Permission, requires_login
from aidtracker.students import views_editing
from aidtracker.students.models import Student
from aidtracker.students.queries import EVERYBODY
from aidtracker.visits.models import Visit
from tests.drills.drill import swapped

ROUTES, POINTERS, FIELDS = "tests/test_routes.py", "tests/test_pointers.py", "tests/test_fields.py"


@dataclasses.dataclass(frozen=True)
class Forgotten:
    what: str
    met_by: tuple[str, ...]  # for pytest: tests of the whole walk
    plant: Callable[[], contextlib.AbstractContextManager]
    is_of_sqlite: bool = False  # its tests do not depend on the database, and run on one


def matrix_of(label: str) -> tuple[str, ...]:
    return (f"{ROUTES}::test_the_matrix[{label}]",)


def any_pupil(_real):
    def visible_student(user, student_id, permission=Permission.STUDENT_VIEW):
        found = Student.get_or_none(Student.id == student_id)
        if found is None:
            raise NotFound
        return found

    return visible_student


def bare_prefix(_real):
    def within(paths):
        condition = NOTHING
        for path in paths:
            condition |= Org.path.startswith(path.rstrip("/"))
        return condition

    return within


def may_without_asking_on_post(real):
    def may(user, permission, org=None):
        return (org is None and has_request_context() and request.method == "POST") or real(user, permission, org)

    return may


def with_route(address: str, view) -> Callable:
    def other(real):
        def register_web(app):
            real(app)
            app.add_url_rule(address, endpoint="web.probe", view_func=view)

        return register_web

    return other


def written_unscoped(real):
    def write_ledger(path, ledger, reading, *more):
        reading.__dict__["pupils"] = EVERYBODY
        return real(path, ledger, reading, *more)

    return write_ledger


def page_with_name(real):
    """A kind word on the error page: whose record it was."""

    def page(status, **values):
        pupil = Student.get_or_none(Student.id == (request.view_args or {}).get("student_id"))
        return real(status, **values) + (f"<!-- {pupil.name} -->" if pupil else "")

    return page


def page_that_knows(real):
    def page(status, **values):
        there = Student.select().where(Student.id == (request.view_args or {}).get("student_id")).exists()
        return real(status, **values) + ("<!-- 无权查看 -->" if there else "")

    return page


def remembered(real):
    kept: dict = {}

    def session_user(token):
        if token not in kept or kept[token] is None:
            kept[token] = real(token)
        return kept[token]

    return session_user


def phone_as_it_is(_real):
    def mask_phone(text):
        return text or ""

    return mask_phone


def any_signed_token(real):
    def validate_csrf(data, *more, **options):
        if not data:
            real(data, *more, **options)

    return validate_csrf


def everything_sent(real):
    def edit_student(**given):
        changed = real(**given)
        sent = {name: value for name, value in request.form.items() if name == "pinyin"}
        if sent:
            Student.update(**sent).where(Student.id == given["student"].id).execute()
        return changed

    return edit_student


def of_all_classes(real):
    return lambda classes, on: real(list(Org.select().where(Org.kind == "class")), on)


def any_class(user, org_id, permission=Permission.ORG_VIEW):
    return Org.get_by_id(org_id)


def any_job(_real):
    return lambda uid, user_id: Job.get_or_none(Job.uid == uid)


def any_visit(_real):
    return lambda case: list(Visit.select())


def unasked(_real):
    return lambda *given, **named: None


@contextlib.contextmanager
def together(*plants):
    """What two doors look at, both must forget."""
    with contextlib.ExitStack() as stack:
        for plant in plants:
            stack.enter_context(plant)
        yield


def schools_of_everybody(real):
    def refuse_row(check, i, row, schools, paths):
        return real(check, i, row, schools, ["/"])

    return refuse_row


def only_where_it_stands(real):
    """As it once was: whether a place may be moved was asked of where it stands, not of where it goes."""

    def in_scope_of(by, code, parent, known, parents):
        return real(by, code, "" if code in known else parent, known, parents)

    return in_scope_of


def bug(what: str, met_by: tuple[str, ...], place: str, other: Callable) -> Forgotten:
    return Forgotten(what, met_by, lambda: swapped(place, other))


BUGS = {
    "unscoped-lookup": bug("a pupil is looked up by id alone", matrix_of("teacher at class"), "aidtracker.students.queries.visible_student", any_pupil),
    "bare-route": bug(
        "a new route without a guard", (f"{ROUTES}::test_every_route_has_a_guard_and_a_name_of_its_own",), "aidtracker.web.register_web",
        with_route("/probe", lambda: "ok"),
    ),
    "undeclared-id": bug(
        "a new kind of id in an address, of which nobody said what it names", (f"{ROUTES}::test_every_part_of_an_address_can_be_filled",),
        "aidtracker.web.register_web", with_route("/probe/<int:thing_id>", requires_login(lambda thing_id: "ok")),
    ),
    "dropped-filter": bug(
        "the list of pupils without its scope", matrix_of("teacher at class"), "aidtracker.students.listing.filtered_students",
        lambda real: lambda user, filters: Student.select(),
    ),
    "unscoped-export": bug(
        "a ledger's page keeps to the scope, its file does not", (f"{FIELDS}::test_a_file_holds_what_its_reader_may_read[school_admin at school]",),
        "aidtracker.ledgers.files.write_ledger", written_unscoped,
    ),
    "unscoped-ledger": bug(
        "a ledger counts and shows everybody", matrix_of("school_admin at school"), "aidtracker.ledgers.scope.pupils_in",
        lambda real: lambda scope: EVERYBODY,
    ),
    "unscoped-home": bug(
        "the first page of a teacher names the missing of other classes", matrix_of("teacher at class"), "aidtracker.home.follow_ups.follow_ups",
        of_all_classes,
    ),
    "guard-on-get-only": Forgotten(
        "a role is asked for when looking, not when writing", matrix_of("finance at county"),
        lambda: mock.patch.object(User, "may", may_without_asking_on_post(User.may)),
    ),
    "bare-prefix": bug("/1/2/3 reaches /1/2/30", matrix_of("township_coordinator at township"), "aidtracker.orgs.queries.within", bare_prefix),
    "id-in-a-body": Forgotten(
        "a class in a form is looked up by id alone", (f"{POINTERS}::test_a_foreign_id_in_a_form_writes_nothing[school_admin at school]",),
        lambda: together(mock.patch.object(views_editing, "visible_org", any_class), swapped("aidtracker.students.actions_placing.check_class", unasked)),
    ),
    "visit-in-a-body": bug(
        "any visit may be named by a follow-up",
        (f"{POINTERS}::test_a_foreign_id_in_a_form_writes_nothing[bureau_admin at county]",), "aidtracker.cases.queries.visits_to_name", any_visit,
    ),
    "id-in-a-workbook": bug(
        "a row of a roster names another school", ("tests/test_import_scopes.py", "-k", "school_admin"), "aidtracker.students.roster.refuse_row",
        schools_of_everybody,
    ),
    "moved-by-a-workbook": bug(
        "a row of a list of divisions moves a township to another county", ("tests/test_import_scopes.py", "-k", "bureau_admin"),
        "aidtracker.orgs.divisions.in_scope_of", only_where_it_stands,
    ),
    "unscoped-search": bug(
        "a name is searched for in every county", (f"{POINTERS}::test_searching_finds_nobody_outside[teacher at class]",),
        "aidtracker.visits.views_recording.visible_students", lambda real: lambda user, permission=None: Student.select(),
    ),
    "talking-error": bug("an error page says whose record it was", matrix_of("teacher at class"), "aidtracker.web.errors.page", page_with_name),
    "knowing-404": bug("the 404 of what exists is another one", matrix_of("teacher at class"), "aidtracker.web.errors.page", page_that_knows),
    "remembered-rights": bug("who is signed in keeps the rights of that moment", matrix_of("ended"), "aidtracker.accounts.sessions.session_user", remembered),
    "foreign-token": bug(
        "any session's token will do", (f"{ROUTES}::test_no_write_without_the_token_of_this_session[teacher at class]",),
        "flask_wtf.csrf.validate_csrf", any_signed_token,
    ),
    "unmasked": bug(
        "a phone stands in full on a page", matrix_of("teacher at class"), "aidtracker.crypto.masking.mask_phone", phone_as_it_is,
    ),
    "mass-assignment": Forgotten(
        "whatever is sent and is called as a column is written", ("tests/test_mass_assignment.py",),
        lambda: swapped("aidtracker.students.actions.edit_student", everything_sent), is_of_sqlite=True,
    ),
    "anybodys-file": bug("the file of somebody else's job", matrix_of("teacher at class"), "aidtracker.jobs.queries.job_or_none", any_job),
}  # fmt: skip
