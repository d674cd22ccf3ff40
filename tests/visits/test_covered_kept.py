"""The kept sums of coverage: whatever is done to pupils and visits, they come to the same as counting everything anew."""

import datetime
import random

import pytest

from aidtracker.audit.actions import record
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.words import ACTIONS
from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.orgs.scopes import scope_of
from aidtracker.policies.actions import set_policy
from aidtracker.policies.registry import POLICIES
from aidtracker.students.actions import create_student, edit_student
from aidtracker.students.actions_correcting import correct_spell
from aidtracker.students.actions_moving import withdraw_move
from aidtracker.students.actions_placing import change_mode, enroll_student, leave_class
from aidtracker.students.actions_tags import add_tag, end_tag
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.timeline import last_move
from aidtracker.visits import covered_kept, covered_rows
from aidtracker.visits.actions import edit_visit, record_visit
from aidtracker.visits.actions_plans import set_plans
from aidtracker.visits.covered_changes import OF_PLACE, OF_PUPIL, OF_VISIT, PASSED, classes_changed
from aidtracker.visits.covered_kept import kept_of
from aidtracker.visits.covered_sums import sums_by_class
from aidtracker.visits.keeping_coverage import BEHIND, keep_coverage
from aidtracker.visits.many_visits import NewVisit, save_many_visits
from aidtracker.visits.models import Visit
from aidtracker.visits.models_coverage import CoverageKept, CoverageSum
from aidtracker.visits.rules import rules_of
from tests import factories
from tests.visits.conftest import values

DAY = datetime.timedelta(days=1)
FORMS = ("on_site", "on_site", "phone", "video", "invited")
POLICY_VALUES = {"forms_that_count": ("any", "far", "on_site"), "visits_a_year": (1, 2), "key_groups": ("seven", "inclusive", "all"), "entry_grade_visited": (0, 30, 60), "small_class": (0, 3)}


class Acts:
    """What people do to pupils and visits, one at a time and at random; what is refused changed nothing."""

    def __init__(self, seed, county, pupils, rooms, by, bureau):
        self.rng, self.county, self.pupils, self.rooms, self.by, self.bureau = random.Random(seed), county, pupils, rooms, by, bureau
        self.today = today_in_china()

    def act(self) -> str:
        name = self.rng.choice([name for name in dir(self) if name.startswith("do_")])
        try:
            getattr(self, name)()
        except Refused:
            return ""
        return name

    def pupil(self):
        return Student.get_by_id(self.rng.choice(self.pupils).id)

    def some_day(self, back=100):
        return self.today - DAY * self.rng.randrange(back)

    def do_visit(self):
        together = [Student.get_by_id(one.id) for one in self.rng.sample(self.pupils, self.rng.choice((1, 1, 2)))]
        record_visit(students=together, values=values(form=self.rng.choice(FORMS), on=self.some_day()), by=self.by)

    def do_edit(self):
        visit = Visit.select().order_by(Visit.id.desc()).offset(self.rng.randrange(3)).first()
        if visit:
            edit_visit(visit=visit, revision=visit.revision, values=values(form=self.rng.choice(FORMS), on=self.some_day()), by=self.by)

    def do_import(self):
        rows = [NewVisit(self.county.county.id, self.pupil().id, self.some_day(), "on_site", "李", 1, {}) for _ in range(3)]
        save_many_visits(new=rows, old=[], by=self.by)

    def do_plan(self):
        together = [Student.get_by_id(one.id) for one in self.rng.sample(self.pupils, self.rng.choice((1, 2)))]
        set_plans(students=together, planned_on=self.rng.choice((None, self.today, self.today + 5 * DAY)), by=self.by)

    def do_tag(self):
        pupil, standing = self.pupil(), Tag.select().where(Tag.ends_on.is_null()).order_by(Tag.id).first()
        if standing and self.rng.random() < 0.4:
            end_tag(tag=standing, ends_on=self.today - DAY, by=self.by)
        else:
            add_tag(student=pupil, kind=self.rng.choice(("inclusive", "left_behind", "disabled")), detail="", source="", starts_on=self.today, by=self.by)

    def do_enroll(self):
        day = self.rng.choice((self.today, self.today - DAY, self.today - 9 * DAY))
        enroll_student(student=self.pupil(), class_org=self.rng.choice(self.rooms), mode="day", seat=None, starts_on=day, by=self.by)

    def do_leave(self):
        leave_class(student=self.pupil(), left_on=self.rng.choice((self.today, self.today - DAY)), reason="随家庭", by=self.by)

    def do_take_back(self):
        move = last_move(self.pupil().id)
        if move:
            withdraw_move(move=move, reason="登记错了", by=self.by)

    def do_correct(self):
        spell = Enrollment.select().where(Enrollment.student == self.pupil()).order_by(Enrollment.id.desc()).first()
        correct_spell(spell=spell, starts_on=spell.starts_on, ends_on=spell.ends_on, class_org=self.rng.choice(self.rooms), reason="写错了班", by=self.by)

    def do_mode(self):
        change_mode(student=self.pupil(), mode=self.rng.choice(("day", "boarding")), starts_on=self.today, by=self.by)

    def do_home(self):
        pupil = self.pupil()
        edit_student(student=pupil, revision=pupil.revision, values={"home_code": self.rng.choice(("", "990100100201"))}, by=self.by)

    def do_newcomer(self):
        fields = {"name": "新来", "sex": "F", "born_on": datetime.date(2017, 5, 4), "ethnicity": "汉族", "id_kind": "居民身份证", "entered_on": "", "home_code": "", "id_number": factories.make_id_number()}
        self.pupils.append(create_student(values=fields, class_org=self.rng.choice(self.rooms), mode="day", seat=None, starts_on=self.today, by=self.by))

    def do_policy(self):
        if self.rng.random() < 0.3:
            key = self.rng.choice(list(POLICY_VALUES))
            set_policy(county=self.county.county, policy=POLICIES[key], value=self.rng.choice(POLICY_VALUES[key]), holds_from=self.today, reason="1 号文", by=self.bureau)


@pytest.fixture
def crowd(county):
    rooms = [county.room, county.sibling_room, county.other_room, factories.make_class(county.school, "一年级", "1"), factories.make_class(county.other_school, "一年级", "1")]
    homes = (None, county.village)
    return rooms, [factories.make_student(rooms[n % 5], f"学生{n}", home=homes[n % 2]) for n in range(15)]


@pytest.fixture
def scopes(officer, coordinator, school_admin):
    return [scope_of(user) for user in (officer, coordinator, school_admin)]


def assert_true(scopes, on):
    for scope in scopes:
        rules = rules_of(scope.county.id, on)
        live = sums_by_class(scope, rules)
        assert covered_kept.sums_of_classes(scope, rules) == live
        assert covered_kept.sums_of_schools(scope, rules) == covered_kept.added({}, live)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_the_kept_sums_are_those_that_are_counted(crowd, county, scopes, administrator, seed):
    rooms, pupils = crowd
    acts, on, done, narrow = Acts(seed, county, pupils, rooms, administrator, administrator), today_in_china(), set(), 0
    keep_coverage(county.county.id, on)
    for _ in range(60):
        if acts.rng.random() < 0.4:
            keep_coverage(county.county.id, on)
        if acts.rng.random() < 0.05:
            on += DAY
        done.add(acts.act())
        narrow += bool(classes_changed(county.county.id, kept_of(county.county.id).entry_id))
        assert_true(scopes, on)
    assert len(done) > 9 and narrow > 10
    keep_coverage(county.county.id, on)
    assert classes_changed(county.county.id, kept_of(county.county.id).entry_id) == set()
    assert_true(scopes, on)


def test_the_report_adds_up_what_is_kept_and_counts_the_rest(crowd, county, officer, school_admin, administrator):
    rooms, pupils = crowd
    on, county_id = today_in_china(), county.county.id
    assert keep_coverage(county_id, on) and not keep_coverage(county_id, on)
    CoverageSum.update(visited=1).where(CoverageSum.class_org.in_([county.room, county.other_room])).execute()
    of_county, of_school = [lambda user=user: covered_rows.covered(scope_of(user), rules_of(county_id, on)) for user in (officer, school_admin)]
    assert of_county()[0]["visited"] == 2 and of_school()[0]["visited"] == 1
    record_visit(students=[pupils[0], pupils[1]], values=values(), by=administrator)  # of county.room and county.sibling_room
    assert of_county()[0]["visited"] == 3 and [line["visited"] for line in of_school()[1] if line["id"] in (county.room.id, county.sibling_room.id)] == [1, 1]
    assert CoverageSum.select().where(CoverageSum.visited > 0).count() == 2  # the look wrote nothing
    assert keep_coverage(county_id, on) and of_county()[0]["visited"] == 3
    assert CoverageSum.get_by_id(county.sibling_room.id).visited == 1
    assert keep_coverage(county_id, on + DAY) and of_county()[0]["visited"] == 2 and CoverageKept.get().on == on + DAY
    assert covered_rows.covered(scope_of(officer), rules_of(county_id, on + DAY))[0]["visited"] == 2


def test_what_is_no_matter_of_visits_is_passed_over_and_what_is_unknown_is_not(crowd, county, administrator):
    _rooms, pupils = crowd
    county_id, on = county.county.id, today_in_china()
    keep_coverage(county_id, on)
    kept = kept_of(county_id).entry_id
    visit = record_visit(students=[pupils[0]], values=values(), by=administrator)
    assert classes_changed(county_id, kept) == {county.room.id}
    keep_coverage(county_id, on)
    kept = kept_of(county_id).entry_id

    def after(action, **told):
        with transaction():
            record(**{"action": action, "by": None, "object_kind": "org", "object_id": "", "county_id": county_id} | told)
        return classes_changed(county_id, kept)

    for action in ("attendance.submit_roll_call", "accounts.sign_in", "visits.verify_visit", "students.view_student", "operation.make_backup"):
        assert after(action) == set(), action
    assert after("orgs.edit_org", county_id=county.other_county.id) == set()
    assert after("visits.edit_visit", object_kind="visit", object_id=visit.uid) == {county.room.id}
    assert after("visits.edit_visit", object_kind="org") is None
    for action in ("visits.insert_visits", "students.merge_students", "policies.set_policy", "orgs.edit_org", "operation.restore_backup", "visits.wave_a_wand"):
        keep_coverage(county_id, on)
        kept = kept_of(county_id).entry_id
        assert after(action) is None, action
    keep_coverage(county_id, on)
    kept = kept_of(county_id).entry_id
    assert after("terms.set_term", county_id=None) is None


def test_a_long_trail_that_tells_nothing_is_read_once(crowd, county):
    county_id, on = county.county.id, today_in_china()
    keep_coverage(county_id, on)
    with transaction():
        for _ in range(BEHIND):
            record(action="attendance.submit_roll_call", by=None, object_kind="roll_call", county_id=county_id)
    assert keep_coverage(county_id, on) and not keep_coverage(county_id, on)


def test_where_plans_were_made_the_trail_tells_the_class_the_school_or_the_county(crowd, county, administrator):
    _rooms, pupils = crowd
    told = []
    for together in (pupils[0:1], pupils[0:2], pupils[0:3]):  # of one class, one school, two schools
        set_plans(students=together, planned_on=today_in_china() + DAY * len(together), by=administrator)
        told.append(int(AuditEntry.select().where(AuditEntry.action == "visits.set_plans").order_by(AuditEntry.id.desc()).get().object_id))
    assert told == [county.room.id, county.school.id, county.county.id]


def test_the_actions_that_are_passed_over_are_known_to_the_trail():
    assert not (PASSED | OF_VISIT | OF_PUPIL | OF_PLACE) - set(ACTIONS) and not PASSED & (OF_VISIT | OF_PUPIL | OF_PLACE)
