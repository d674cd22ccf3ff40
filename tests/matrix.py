"""The world of the authorisation matrix, and what every address must answer there: computed from the guard, the object's
place and the roles held, never from what the site does.

    九九市 > 云岭县 > 双河镇 (扎多村, school, two classes), 石门乡 (village, school, class)
           > 邻山县 > 远河镇 ...                        another city > county > ...

Every pupil's name is a canary: whoever may not see the pupil must never read it, on whatever page.
"""

import datetime
import itertools
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import parse_qsl, quote, urlsplit

from aidtracker.accounts.models import Membership, User, UserSession
from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.audit.actions import record
from aidtracker.cases.actions import close_case, open_case
from aidtracker.cases.actions_following import add_follow_up
from aidtracker.census.models import LISTS, Snapshot
from aidtracker.db import new_uid, today_in_china, transaction, utcnow
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.files import result_file
from aidtracker.jobs.models import Job
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.orgs.models import Org
from aidtracker.permissions import ROLES, Permission
from aidtracker.reports.registry import REPORTS
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.queries import on_the
from aidtracker.terms.calendar import school_days
from aidtracker.visits.actions import record_visit
from aidtracker.visits.models import Visit, VisitStudent
from tests import factories
from tests.census.conftest import list_child

P = Permission
HUGE = (2**31, 10**25)  # past PostgreSQL's integer, past SQLite's
# What an endpoint asks beyond its guard, for the object in its address: one of these is needed there, by method.
NARROWER = {
    ("GET", "attendance.take_roll"): (P.ROLL_SUBMIT, P.ROLL_CORRECT),
    ("POST", "attendance.take_roll"): (P.ROLL_SUBMIT,),  # today's first roll; see World.rights
    ("GET", "attendance.show_history"): (P.STUDENT_VIEW,),
    ("GET", "attendance.show_student"): (P.STUDENT_VIEW,),
    ("GET", "students.list_changes"): (P.STUDENT_EDIT, P.AUDIT_VIEW),
    ("GET", "visits.edit_visit"): (P.REPORT_VIEW,),  # somebody else's visit: an office
    ("POST", "visits.edit_visit"): (P.REPORT_VIEW,),
}
# Whoever is managed so must hold nothing beyond the manager's reach.
WHOLE = ("accounts.edit_user", "accounts.disable_user", "accounts.enable_user", "accounts.reset_password")
# Kinds of org that an address is about; any other is none there.
ONLY = {"accounts.assign_teacher": ("class",)}
# What an address is good for only with a query of its own.
QUERIES = {
    "students.reveal": lambda person: {"field": "phone"},
    "accounts.create_user": lambda person: person.own_place,
    "accounts.give_role": lambda person: person.own_place,
}
# Where the permission of the guard does not reach a thing but this one does, it exists: 403 would do as well as 404.
SEES = {"student": P.STUDENT_VIEW, "listed": P.CENSUS_VIEW, "list": P.CENSUS_VIEW, "class": P.ORG_VIEW, "org": P.ORG_VIEW}
SEES |= {"user": P.ACCOUNT_MANAGE, "visit": P.VISIT_VIEW, "case": P.CASE_VIEW}
# Words of a pupil's records, each with the pupil's mark behind it, and what one must hold over the pupil to read them.
CANARIES = {P.VISIT_VIEW: ("雀见", "雀访"), P.AID_VIEW: ("雀困", "雀户"), P.CASE_VIEW: ("雀案", "雀话", "雀结")}
BEFORE_THE_PASSWORD = ("accounts.change_password", "accounts.sign_out", "web.set_language", "static", "operation.show_health")


@dataclass
class Thing:
    """What a part of an address may name. `of` finds it by what the rest of the address names."""

    label: str
    value: object = None
    kind: str = ""
    places: tuple = ()  # paths; within one of them is within scope
    owner: object = None  # the user whose own it is
    permission: Permission | None = None  # of a report or a kind of workbook
    exists: bool = True
    sort: str = ""  # of an org: its kind
    all_places: tuple = ()  # where a user holds a role today
    of: Callable | None = None


@dataclass
class Person:
    label: str
    user: User | None
    held: list = field(default_factory=list)  # (role, org) held today
    state: str = ""  # disabled, must_change
    http: object = None
    token: str = ""

    @property
    def own_place(self) -> dict:
        return {"org": self.held[0][1].id} if self.held else {}

    def scopes(self, permission) -> list[str]:
        return [org.path for role, org in self.held if permission in ROLES[role].permissions]

    def reaches(self, permission, places) -> bool:
        return any(place.startswith(path) for path in self.scopes(permission) for place in places)

    @property
    def is_stranger(self) -> bool:
        return self.user is None or self.state == "disabled"


class World:
    """Built once; whatever a case writes is rolled back."""

    def __init__(self):
        self.make_places()
        self.make_pupils()
        self.make_people()
        self.make_belongings()
        self.make_rolls()
        self.make_visits()
        self.make_payments()
        self.make_lists()
        self.make_cases()
        self.on = school_days(today_in_china() - datetime.timedelta(days=12), today_in_china())[-1]
        self.rights = dict(NARROWER)
        if self.on < today_in_china():  # a forgotten roll of a past day
            self.rights["POST", "attendance.take_roll"] = (P.ROLL_SUBMIT, P.ROLL_CORRECT)

    def make_places(self):
        o = self.orgs = SimpleNamespace()
        make = factories.make_org
        o.city = make("city", "九九市", code="9900")
        o.county = make("county", "云岭县", o.city, "990100")
        o.township = make("township", "双河镇", o.county, "990100100")
        o.village = make("village", "扎多村", o.township, "990100100201")
        o.school = factories.make_school(o.township, "双河镇中心小学", "2199000001")
        o.room = factories.make_class(o.school, "三年级", "2")
        o.sibling = factories.make_class(o.school, "四年级", "1")
        o.far_county = make("county", "邻山县", o.city, "990200")
        # Ids whose digits begin with those of another's: a scope by bare prefix would take /1/2/3 for /1/2/30.
        while Org.select(Org.id).order_by(Org.id.desc()).scalar() < o.township.id * 10 - 1:
            make("village", "空村", o.far_county)
        o.other_township = make("township", "石门乡", o.county, "990100200")
        assert str(o.other_township.id).startswith(str(o.township.id))
        o.other_village = make("village", "石门村", o.other_township, "990100200201")
        o.other_school = factories.make_school(o.other_township, "石门乡中心小学", "2199000002")
        o.other_room = factories.make_class(o.other_school, "三年级", "1")
        o.far_township = make("township", "远河镇", o.far_county, "990200100")
        o.far_school = factories.make_school(o.far_township, "远河镇中心小学", "2199000003")
        o.far_room = factories.make_class(o.far_school, "三年级", "1")
        o.alien_city = make("city", "十十市", code="9800")
        o.alien_county = make("county", "天外县", o.alien_city, "980100")
        o.alien_township = make("township", "天外镇", o.alien_county, "980100100")
        o.alien_school = factories.make_school(o.alien_township, "天外镇中心小学", "2198000001")
        o.alien_room = factories.make_class(o.alien_school, "三年级", "1")

    def make_pupils(self):
        o = self.orgs
        where = {  # label: (class, registered home)
            "own class": (o.room, o.village),
            "sibling class": (o.sibling, o.village),
            "other township": (o.other_room, o.other_village),
            "other township, home here": (o.other_room, o.village),
            "own class, home elsewhere": (o.room, o.other_village),
            "no class, home here": (None, o.village),
            "other county": (o.far_room, None),
            "other city": (o.alien_room, None),
            "moved away": (o.other_room, o.other_village),
        }
        self.pupils, self.tags = {}, {}
        for label, mark in zip(where, "甲乙丙丁戊己庚辛壬", strict=True):
            room, home = where[label]
            pupil = factories.make_student(room, f"金丝{mark}", home=home, phone="13900990099", address=f"雀巷{mark}号")
            factories.make_guardian(pupil, name=f"雀亲{mark}", phone="13800990088")
            tag = Tag.create(student=pupil, kind="disabled", detail=f"雀残{mark}", starts_on=datetime.date(2026, 9, 1), source="残疾证")
            self.pupils[label], self.tags[pupil.id] = pupil, tag.id
        moved = self.pupils["moved away"]
        Enrollment.update(starts_on=datetime.date(2026, 11, 1)).where(Enrollment.student == moved).execute()
        Enrollment.create(
            student=moved, class_org=o.room, mode="day", starts_on=datetime.date(2026, 9, 1), ends_on=datetime.date(2026, 10, 31)
        )

    def make_people(self):
        o = self.orgs
        natural = {"class": o.room, "school": o.school, "village": o.village, "township": o.township, "county": o.county, "city": o.city}
        self.people = {"anonymous": Person("anonymous", None)}
        for role, about in ROLES.items():
            for kind in about.held_at:
                self.add_person(f"{role} at {kind}", [(role, natural[kind])])
        self.add_person("two hats", [("teacher", o.room), ("village_officer", o.other_village)])
        self.add_person("new head", [("school_admin", o.school)], state="must_change")
        self.add_person("leaver", [("bureau_admin", o.county)], state="disabled")
        self.add_person("ended", [], former=[("bureau_admin", o.county), ("teacher", o.room)])
        self.add_person("next teacher", [("teacher", o.other_room)])
        self.add_person("far officer", [("bureau_admin", o.far_county)])
        self.add_person("alien teacher", [("teacher", o.alien_room)])

    def add_person(self, label, held, state="", former=()):
        role, org = (held or former)[0]
        user = factories.make_user(role, org, name=f"员{len(self.people):02}号", username=re.sub(r"[^a-z]+", ".", label))
        for role, org in [*held[1:], *former[1:]]:
            Membership.create(user=user, role=role, org=org, starts_on=datetime.date(2020, 9, 1))
        if former:
            yesterday = today_in_china() - datetime.timedelta(days=1)
            Membership.update(ends_on=yesterday).where(Membership.user == user).execute()
        if state == "must_change":
            User.update(must_change_password=True).where(User.id == user.id).execute()
        self.people[label] = Person(label, user, list(held), state)

    def make_belongings(self):
        """A finished job with its file, and an import, of everybody; one audit entry of each county."""
        self.jobs, self.imports = {}, {}
        for person in self.people.values():
            if person.user is None:
                continue
            job = self.jobs[person.label] = Job.create(kind="tests.nothing", owner_id=person.user.id, state="running")
            with result_file(job, "名册.csv") as path:
                path.write_text(f"雀档{person.user.id:03}")
            job.state, job.finished_at = "done", utcnow()
            job.save()
            self.imports[person.label] = ImportFile.create(
                kind="students", file_name=f"雀表{person.user.id:03}.xlsx", sha256="0" * 64, size=1, by=person.user, state="checked",
                found=json.dumps({"kind": "students", "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "refused": 0, "warned": 0,
                                  "problems": [], "notices": [], "problems_in_all": 0}), job_uid=job.uid,
            )  # fmt: skip
        self.counties = [self.orgs.county, self.orgs.far_county, self.orgs.alien_county]
        with transaction():
            for county in self.counties:
                record(action="accounts.give_role", by=None, object_kind="user", object_id=new_uid(), reason=f"雀记{county.code}", county_id=county.id)

    def make_rolls(self):
        """Two past rolls of every class, its pupils away, with reasons; the second was corrected once."""
        today, schools = today_in_china(), [org for org in vars(self.orgs).values() if org.kind == "school"]
        recorder = factories.make_user("school_admin", schools[0], name="记录人", username="recorder")
        for school in schools[1:]:
            Membership.create(user=recorder, role="school_admin", org=school, starts_on=datetime.date(2020, 9, 1))
        rooms = [org for org in vars(self.orgs).values() if org.kind == "class"]
        for on in [day for day in school_days(today - datetime.timedelta(days=20), today) if day < today][-2:]:
            for room, (revision, mark) in itertools.product(rooms, enumerate(("unexcused", "sick_leave"))):
                here = Enrollment.select(Enrollment.student).where(on_the(on) & (Enrollment.class_org == room))
                marks = {id_: (mark, f"雀因{Student.get_by_id(id_).name[-1]}") for (id_,) in here.tuples()}
                past = {"on": on, "session": "morning", "marks": marks, "base_revision": revision, "reason": "补交假条"}
                submit_roll_call(class_org=room, by=recorder, **past)

    def make_visits(self):
        """One visit of every pupil, and one of two pupils in two classes; all recorded by an officer of all counties."""
        recorder = factories.make_user("bureau_staff", self.orgs.county, name="家访记录人", username="visitor")
        for county in (self.orgs.far_county, self.orgs.alien_county):
            Membership.create(user=recorder, role="bureau_staff", org=county, starts_on=datetime.date(2020, 9, 1))
        common = {"form": "on_site", "on": today_in_china(), "purposes": ["routine"], "teachers": "家访记录人"}
        self.visits = {}
        for label, pupil in self.pupils.items():
            words = {"person_met": f"雀见{pupil.name[-1]}", "at_home": f"雀访{pupil.name[-1]}", "relation": "父亲"}
            visit = record_visit(students=[pupil], values=common | words, by=recorder)
            self.visits[label] = (visit.id, self.places_of(pupil))
        two = [self.pupils["own class"], self.pupils["sibling class"]]
        shared = record_visit(students=two, values=common, by=recorder)
        self.visits["two classes"] = (shared.id, tuple(place for pupil in two for place in self.places_of(pupil)))
    def make_payments(self):
        """A batch of each county that paid all its pupils, with who they are and whose account; and one that paid nobody yet."""
        self.batches, self.payments, self.programs = {}, {}, {}
        for county in self.counties:
            program = self.programs[county.code] = Program.create(county=county, name="生活补助")
            made = {"county": county, "program": program, "term": "2026-autumn"}
            self.batches[county.code], self.batches["empty", county.code] = (Batch.create(**made, name=name) for name in ("秋-01", "秋-02"))
        for pupil in self.pupils.values():
            batch, mark = self.batches[pupil.county.code], pupil.name[-1]
            school = pupil.class_org.parent if pupil.class_org else None
            line = {"school": school, "stage": "primary", "grade": "三年级", "is_boarding": False, "status": "paid"}
            account = {"holder_name": f"雀户{mark}", "card_number": "6217009900990099", "card_index": b"0" * 16}
            payment = Payment(batch=batch, program=batch.program, term=batch.term, student=pupil, hardship=f"雀困{mark}", amount_fen=62500, **line, **account)
            payment.save(force_insert=True)
            self.payments[pupil.id] = payment

    def make_lists(self):
        """Lists of three counties: children without a record, one on all three of the county's; and a pupil under a wrong ID."""
        o, on = self.orgs, datetime.date(2026, 11, 1)
        self.lists = {(county.code, kind): Snapshot.create(county=county, kind=kind, dated=on) for county in self.counties for kind in LISTS}
        where = {  # label: (county, registered home)
            "village": (o.county, o.village),
            "other township": (o.county, o.other_village),
            "township": (o.county, o.township),
            "outside": (o.county, None),
            "other county": (o.far_county, o.far_township),
            "other city": (o.alien_county, o.alien_township),
        }
        self.listed = {}
        for (label, (county, home)), mark in zip(where.items(), "天地玄黄宇宙", strict=True):
            for kind in LISTS:
                number = self.listed[label].id_number if label in self.listed else None
                made = list_child(self.lists[county.code, kind], f"金纸{mark}", home=home, head_name=f"雀户{mark}", id_number=number)
                self.listed.setdefault(label, made)
        for label in ("own class", "other township"):
            pupil = self.pupils[label]
            list_child(self.lists["990100", "household_registry"], pupil.name, home=pupil.home, born_on=pupil.born_on, sex=pupil.sex)

    def make_cases(self):
        """A case of most pupils, followed up by phone, one of them closed; and a visit that no follow-up has named."""
        today, closed = today_in_china(), "own class, home elsewhere"
        self.cases, self.case_visits = {}, {}
        recorder = factories.make_user("bureau_staff", self.orgs.county, name="记案人", username="case.recorder")
        for county in self.counties[1:]:
            Membership.create(user=recorder, role="bureau_staff", org=county, starts_on=datetime.date(2020, 9, 1))
        for label in ("own class", "other township", "other township, home here", closed, "other county", "other city"):
            pupil = self.pupils[label]
            mark = pupil.name[-1]
            case = open_case(student=pupil, values={"detail": f"雀案{mark}", "main_reason": "01"}, by=recorder)
            told = {"kind": "phone", "on": today, "people": "记案人", "person_met": f"雀亲{mark}", "result": "refused", "words": f"雀话{mark}"}
            add_follow_up(case=case, values=told, by=recorder)
            if label == closed:
                case = type(case).get_by_id(case.id)
                told = {"outcome": "transferred", "conclusion": f"雀结{mark}", "closed_on": today}
                close_case(case=case, revision=case.revision, **told, by=recorder)
            visit = Visit.create(county=pupil.county_id, form="on_site", on=today, teachers="记案人", views=f"雀访{mark}")
            VisitStudent.create(student=pupil, visit=visit, class_org=pupil.class_org, force_insert=True)
            self.cases[label], self.case_visits[label] = case, visit

    # What the parts of an address may name.

    def things(self, blueprint: str, name: str) -> list[Thing]:
        """KeyError for a part that nobody has declared here."""
        factory = {
            ("", "student_id"): self.student_things,
            ("", "class_id"): lambda: self.org_things("class", ("class",)),
            ("", "school_id"): lambda: self.org_things("org", ("school",)),
            ("", "org_id"): lambda: self.org_things("org", None),
            ("", "user_id"): self.user_things,
            ("", "membership_id"): self.membership_things,
            ("", "position"): lambda: [Thing("first guardian", 1), *broken(0, 9, HUGE[0])],
            ("", "tag_id"): self.tag_things,
            ("", "visit_id"): lambda: [Thing(label, *of[:1], "visit", of[1]) for label, of in self.visits.items()] + numbers("visit"),
            ("", "case_id"): self.case_things,
            ("", "on"): lambda: [Thing("the day", self.on.isoformat()), *broken("2026-13-45", "yesterday", "0")],
            ("", "session"): lambda: [Thing("morning", "morning"), *broken("midnight", "%27")],
            ("", "batch_id"): self.batch_things,
            ("", "payment_id"): self.payment_things,
            ("jobs", "uid"): lambda: self.owned_things("job", self.jobs),
            ("accounts", "code"): self.session_things,
            ("census", "snapshot_id"): self.list_things,
            ("census", "child_id"): self.listed_things,
            ("imports", "uid"): lambda: self.owned_things("import", self.imports),
            ("imports", "kind"): lambda: [
                *(Thing(kind.name, kind.name, "kind", permission=kind.permission) for kind in KINDS.values()),
                *broken("nothing", "0"),
            ],
            ("ledgers", "name"): self.ledger_things,
            ("reports", "name"): self.report_things,
            ("", "filename"): lambda: [Thing("style sheet", "css/app.css"), *broken("../wsgi.py", "../instance/secret_key", "nothing.css")],
        }
        return (factory.get((blueprint, name)) or factory["", name])()

    def student_things(self):
        return [Thing(label, pupil.id, "student", self.places_of(pupil)) for label, pupil in self.pupils.items()] + numbers("student")

    def batch_things(self):
        """Seen by whoever sees the county, or one of the pupils that it paid."""
        found = []
        for key, batch in self.batches.items():
            pupils = [pupil for pupil in self.pupils.values() if self.payments[pupil.id].batch_id == batch.id]
            places = {batch.county.path, *(path for pupil in pupils for path in self.places_of(pupil))}
            found.append(Thing(f"batch {key}", batch.id, "batch", tuple(places)))
        return found + numbers("batch")

    def payment_things(self):
        found = [Thing(f"of {label}", self.payments[pupil.id].id, "payment", self.places_of(pupil)) for label, pupil in self.pupils.items()]
        return found + numbers("payment")

    def list_things(self):
        """A list exists for everybody who looks after something of its county."""

        def within(county):
            return tuple(org.path for org in vars(self.orgs).values() if org.county_id == county.id)

        found = [Thing(f"{kind} of {code}", each.id, "list", within(each.county)) for (code, kind), each in self.lists.items()]
        return found[::2] + numbers("list")

    def listed_things(self):
        return [Thing(label, child.id, "listed", self.places_of_listed(child)) for label, child in self.listed.items()] + numbers("listed")

    @staticmethod
    def places_of_listed(child) -> tuple:
        return tuple(org.path for org in (child.home, child.snapshot.county) if org is not None)

    def case_things(self):
        found = [Thing(f"of {label}", case.id, "case", self.places_of(self.pupils[label])) for label, case in self.cases.items()]
        return found + numbers("case")

    def tag_things(self):
        def own(case):
            return Thing("the pupil's own", self.tags.get(case["student_id"].value, 1))

        def other(case):
            foreign = next(tag for pupil, tag in self.tags.items() if pupil != case["student_id"].value)
            return Thing("another pupil's", foreign, exists=False)

        return [Thing("the pupil's own", of=own), Thing("another pupil's", of=other), *numbers("tag")]

    def org_things(self, kind, kinds):
        found = [org for org in vars(self.orgs).values() if kinds is None or org.kind in kinds]
        wrong = [] if kinds is None else [Thing("a township where a class is asked for", self.orgs.township.id, kind, exists=False)]
        return [Thing(f"{org.kind} {org.name}", org.id, kind, (org.path,), sort=org.kind) for org in found] + wrong + numbers(kind)

    def user_things(self):
        spared = ("teacher at school", "village_officer at village", "finance at county", "auditor at county", "auditor at city")
        things = []
        for person in self.people.values():
            if person.user is None or person.label in spared:
                continue
            today = tuple(org.path for _, org in person.held)
            things.append(Thing(person.label, person.user.id, "user", self.places_of_user(person.user), all_places=today))
        return things + numbers("user")

    def membership_things(self):
        def own(case):
            """The first that is held today; it is ended where its place is managed."""
            person = next((person for person in self.people.values() if person.user and person.user.id == case["user_id"].value), None)
            held = open_membership(person.user) if person else None
            return Thing("the user's own", held.id if held else 1, "role", (held.org.path,) if held else (), exists=held is not None)

        def other(case):
            foreign = Membership.select().where(Membership.user != case["user_id"].value % 2**31).first()
            return Thing("another user's", foreign.id, exists=False)

        return [Thing("the user's own", of=own), Thing("another user's", of=other), *numbers("membership")]

    def owned_things(self, kind, belongings):
        found = [Thing(f"of {label}", each.uid, kind, owner=self.people[label].user) for label, each in belongings.items()]
        return found + broken(new_uid(), "0" * 32, "f" * 31 + "'")

    def session_things(self):
        """One's own devices, and everybody else's."""
        found = []
        for person in self.people.values():
            for session in UserSession.select().where(UserSession.user == person.user) if person.user else ():
                found.append(Thing(f"of {person.label}", bytes(session.token_hash).hex()[:16], "session", owner=person.user))
        return found + broken("0" * 16, "zz")

    def report_things(self):
        return [Thing(name, name, "report", permission=each.permission) for name, each in REPORTS.items()] + broken("nothing")

    def ledger_things(self):
        return [Thing(name, name, "ledger", permission=each.permissions[0]) for name, each in LEDGERS.items()] + broken("nothing")

    def places_of(self, pupil) -> tuple:
        """The class, the registered home, and the county that answers for the record."""
        orgs = [pupil.class_org, pupil.home, pupil.county]
        return tuple(org.path for org in orgs if org is not None)

    @staticmethod
    def places_of_user(user) -> tuple:
        return tuple(m.org.path for m in Membership.select(Membership, Org).join(Org).where(Membership.user == user))

    # Who may read which canary.

    def forbidden_words(self, person: Person) -> re.Pattern | None:
        """Whatever must stand in no answer to this person, in every spelling."""
        words = []
        for label, pupil in self.pupils.items():
            name = pupil.name[-1]
            if not self.may_read(person, label, pupil):
                words += [pupil.name, f"雀亲{name}", f"雀巷{name}", f"雀残{name}", f"雀因{name}"]
            for permission, canaries in CANARIES.items():
                if person.is_stranger or person.state or not person.reaches(permission, self.places_of(pupil)):
                    words += [f"{canary}{name}" for canary in canaries]
            words += [pupil.id_number, pupil.student_number]  # masked on every page
        words += ["13900990099", "13800990088", "6217009900990099"]
        for child in self.listed.values():
            if person.is_stranger or person.state or not person.reaches(P.CENSUS_VIEW, self.places_of_listed(child)):
                words += [child.name, child.head_name]
            words.append(child.id_number)
        words += [f"雀记{county.code}" for county in self.counties if not person.reaches(P.AUDIT_VIEW, (county.path,))]
        for each in self.people.values():
            if each.user and each.user != person.user:
                words += [f"雀档{each.user.id:03}", f"雀表{each.user.id:03}"]
        return re.compile("|".join(re.escape(spelling) for word in words for spelling in spellings(word)))

    def may_read(self, person: Person, label: str, pupil) -> bool:
        if person.is_stranger or person.state:
            return False
        former = (self.orgs.room.path,) if label == "moved away" else ()  # stands in the rolls of that time
        return person.reaches(P.STUDENT_VIEW, (*self.places_of(pupil), *former)) or person.reaches(P.ROLL_SUBMIT, former)


def open_membership(user):
    found = Membership.select(Membership, Org).join(Org).where((Membership.user == user) & Membership.ends_on.is_null())
    return found.order_by(Membership.id).first()


def spellings(word: str) -> set[str]:
    return {word, word.encode("unicode_escape").decode(), quote(word), quote(word).lower()}


def numbers(kind: str) -> list[Thing]:
    named = {"nonexistent": 99_999, "zero": 0, "huge": HUGE[0], "beyond": HUGE[1]}
    return [Thing(label, value, kind, exists=False) for label, value in named.items()]


def broken(*values) -> list[Thing]:
    return [Thing(f"no such: {value}", value, exists=False) for value in values]


# What must come back.


def expected(person: Person, endpoint: str, guard, things: list[Thing], needed: tuple = ()) -> set[str]:
    """One of: in, sign-in, password, forbidden, missing (both where either tells no more than the reader knows).

    `needed`: one of these permissions is asked beyond the guard's.
    """
    if guard == "public":
        if any(not thing.exists for thing in things):
            return {"missing"}
        return {"in", "password"} if person.state == "must_change" else {"in"}
    if person.is_stranger:
        return {"sign-in"}
    if person.state == "must_change" and endpoint not in BEFORE_THE_PASSWORD:
        return {"password"}
    if isinstance(guard, Permission) and not person.scopes(guard):
        return {"forbidden"}
    said = set()
    for thing in things:
        is_other_kind = thing.sort and endpoint in ONLY and thing.sort not in ONLY[endpoint]
        if not thing.exists or is_other_kind or (thing.owner is not None and thing.owner != person.user):
            said.add("missing")
        elif thing.permission and not person.scopes(thing.permission):
            said.add("forbidden")
        elif thing.places and not person.reaches(guard, thing.places):
            if thing.kind == "role":  # of somebody who is seen for another role
                said.add("forbidden")
                continue
            seen = thing.kind in SEES and person.reaches(SEES[thing.kind], thing.places)
            return {"forbidden", "missing"} if seen else {"missing"}
        elif endpoint in WHOLE and not all(person.reaches(guard, (place,)) for place in thing.all_places):
            said.add("forbidden")
        elif thing.places and needed and not any(person.reaches(each, thing.places) for each in needed):
            said.add("forbidden")
    if said:
        return said
    return {"sign-in"} if endpoint == "accounts.sign_out" else {"in"}


def outcome(answer, method: str) -> str:
    """What came back, in the same words; `5xx` and the like for what never may."""
    place = urlsplit(answer.headers.get("Location", "")).path
    if answer.status_code in (301, 302, 303) and place == "/sign-in":
        return "sign-in"
    if answer.status_code in (301, 302, 303) and place == "/me/password":
        return "password"
    if answer.status_code in (403, 404):
        return {403: "forbidden", 404: "missing"}[answer.status_code]
    if answer.status_code < 400:
        return "in"
    if method == "POST" and answer.status_code in (400, 409, 422, 429) and "页面停留太久" not in answer.text:
        return "in"  # it was looked at, and refused for what stood in it
    return str(answer.status_code)


# Forms and links of a page.


class Page(HTMLParser):
    """forms: [{method, action, fields: {name: (type, value)}}]; links: addresses."""

    def __init__(self, html: str):
        super().__init__()
        self.forms, self.links, self.select = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        if tag == "form":
            self.forms.append({"method": (of.get("method") or "get").upper(), "action": of.get("action") or "", "fields": {}})
        if not self.forms:
            return
        fields = self.forms[-1]["fields"]
        if tag in ("input", "textarea", "button") and of.get("name"):
            fields.setdefault(of["name"], (of.get("type") or tag, of.get("value") or ""))
        if tag == "select" and of.get("name"):
            self.select = of["name"]
            fields.setdefault(self.select, ("select", ""))
        if tag == "option" and self.select and not fields[self.select][1]:
            fields[self.select] = ("select", of.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None


def queries_of(address: str) -> list[str]:
    return [name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)]


def new_key() -> str:
    return str(uuid.uuid4())
