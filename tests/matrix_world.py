"""The world of the authorisation matrix.

    九九市 > 云岭县 > 双河镇 (扎多村, school, two classes), 石门乡 (village, school, class)
           > 邻山县 > 远河镇 ...                        another city > county > ...

Every pupil's name is a canary: whoever may not see the pupil must never read it, on whatever page.
"""

import datetime
import itertools
import json
import re
from types import SimpleNamespace

from aidtracker.accounts.models import Membership, SignInAttempt, User
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.models_second import SecondFactor
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.aid.versions import keep_version
from aidtracker.attachments.cleaning import clean
from aidtracker.attachments.keeping import keep
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.models import NoClass, SessionPlan
from aidtracker.attendance.models_illness import IllnessAlert, SymptomReport
from aidtracker.attendance.models_leaves import Leave, LeaveStep
from aidtracker.attendance.models_sweeps import NotReturned, Sweep, SweepDay
from aidtracker.attendance.models_warnings import AbsenceWarning
from aidtracker.audit.actions import record
from aidtracker.cases.actions import close_case, edit_case, open_case
from aidtracker.cases.actions_following import add_follow_up
from aidtracker.cases.models_closing import CaseClosing
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.models_notice import Notice, NoticeService, NoticeText
from aidtracker.cases.models_responsibility import Responsibility
from aidtracker.cases.models_sealed import CaseGlance, CaseOverruling, CaseReader, CaseSeal
from aidtracker.census.models import LISTS, ListKind, MatchedPair, Snapshot
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import new_uid, today_in_china, transaction, utcnow
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.files import result_file
from aidtracker.jobs.models import Job
from aidtracker.operation.actions_scheduling import settings_here
from aidtracker.operation.models import Backup
from aidtracker.orgs.models import Org
from aidtracker.permissions import COUNTY_ROLES, ROLES
from aidtracker.policies.models import PolicyValue
from aidtracker.students.actions_shifting import Journal
from aidtracker.students.keeping_extra import put_values
from aidtracker.students.models import Enrollment, Household, Student, Tag
from aidtracker.students.models_extra import ExtraField
from aidtracker.students.models_history import FormerName, FormerNumber, StudentVersion
from aidtracker.students.models_merging import StudentMerge
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.models_rollover import Rollover, RolloverOrder
from aidtracker.students.queries import on_the
from aidtracker.tasks.models import Task
from aidtracker.terms.calendar import school_days, term_of
from aidtracker.terms.models import Closure
from aidtracker.terms.models_years import ClosedYear
from aidtracker.visits.actions import edit_visit, record_visit
from aidtracker.visits.evidence import Evidence, made_ready
from aidtracker.visits.models import Visit, VisitStudent
from aidtracker.visits.models_calls import CallBack, CallDraw, CallMade
from aidtracker.visits.models_looks import FormerLook, SecondLook
from aidtracker.visits.models_papers import Paper, PaperBatch
from aidtracker.visits.models_plans import IndividualGoal, IndividualPlan
from aidtracker.visits.paper_codes import new_code
from tests import factories
from tests.census.conftest import list_child
from tests.matrix import NARROWER, Person
from tests.matrix_fields import PHOTO

DAY = datetime.date(2026, 3, 2)  # of what happened to pupils long ago

CLASH = {"key": "k", "row": 6, "name": "甲", "column": "上午", "mine": "病假", "theirs": "迟到", "before": "到", "who": "张老师", "at": "11-20 08:00", "choice": "", "shown": "sick_leave|late"}

class Made:
    """Built once; whatever a case writes is rolled back."""

    def __init__(self):
        self.on = factories.school_day_today()
        self.make_places()
        self.make_pupils()
        self.make_people()
        self.make_records()
        self.make_belongings()
        self.make_rolls()
        self.make_visits()
        self.make_call_backs()
        self.make_second_looks()
        self.make_papers()
        self.make_payments()
        self.make_lists()
        self.make_cases()
        self.make_leaves()
        self.make_tasks()
        self.make_policies()
        self.make_extra_fields()
        self.make_closures()
        self.make_role_requests()
        self.make_session_plans()
        self.make_sweeps()
        self.make_history()
        self.make_rollovers()
        self.rights = dict(NARROWER)

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
            tag = Tag.create(student=pupil, kind="disabled", detail=f"雀残{mark}", starts_on=datetime.date(2026, 9, 1), source="残疾证", certificate=f"99010020120305{ord(mark) % 10000:04}42")
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
        self.add_person("new chief", [("bureau_admin", o.county)], state="must_set_up")
        self.add_person("leaver", [("bureau_admin", o.county)], state="disabled")
        self.add_person("ended", [], former=[("bureau_admin", o.county), ("teacher", o.room)])
        self.add_person("next teacher", [("teacher", o.other_room)])
        self.add_person("far officer", [("bureau_admin", o.far_county)])
        self.add_person("alien teacher", [("teacher", o.alien_room)])

    def add_person(self, label, held, state="", former=()):
        role, org = (held or former)[0]
        named = {"name": f"员{len(self.people):02}号", "username": re.sub(r"[^a-z]+", ".", label)}
        user = factories.make_user(role, org, **named, is_exempt=role in COUNTY_ROLES and state != "must_set_up")
        for role, org in [*held[1:], *former[1:]]:
            Membership.create(user=user, role=role, org=org, starts_on=datetime.date(2020, 9, 1))
        if state == "must_change":
            User.update(must_change_password=True).where(User.id == user.id).execute()
        self.people[label] = Person(label, user, list(held), "ended" if former else state)

    def make_records(self):
        """What the staff list says of everybody, and one wrong guess at the password; and somebody who never came."""
        absent = factories.make_user("teacher", self.orgs.sibling, name="未到人", username="never.came")
        SecondFactor.create(user=absent, secret="雀钥", new_secret="雀匙", confirmed_at=utcnow())
        for person in self.people.values():
            if person.user is None:
                continue
            org = (person.held or [("", self.orgs.county)])[0][1]
            StaffRecord.create(user=person.user, county=org.county_id or org.id, staff_number=f"工{person.user.id}", phone="13900990099", phone_index=b"0" * 16)
            SignInAttempt.create(account=person.user.username, network="192.0.2.0", succeeded=False)

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
                                  "problems": [], "notices": [], "problems_in_all": 0, "headings": {"unknown": ["列名"], "lacking": []}, "conflicts": [CLASH], "mark": f"雀表{person.user.id:03}"}, ensure_ascii=False), job_uid=job.uid,
            )  # fmt: skip
        chief = self.people["bureau_admin at county"].user
        self.committed = ImportFile.create(kind="students", file_name="雀表000.xlsx", sha256="0" * 64, size=1, by=chief, state="committed", committed_at=utcnow(),
                                           found=self.imports["bureau_admin at county"].found)  # fmt: skip
        self.backup = Backup.create(file_name="aidtracker-20260101-020000.backup", size=1)
        [settings] = settings_here
        settings.backup_folder.mkdir(mode=0o700, exist_ok=True)
        (settings.backup_folder / self.backup.file_name).write_bytes(b"sealed")
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
        files = made_ready(Evidence((PHOTO,), None, True), self.orgs.county.id)
        for label, pupil in self.pupils.items():
            words = {"person_met": f"雀见{pupil.name[-1]}", "at_home": f"雀访{pupil.name[-1]}", "relation": "父亲"}
            visit = record_visit(students=[pupil], values=common | words | {"agreed": f"雀前{pupil.name[-1]}"}, by=recorder, files=files)
            edit_visit(visit=visit, revision=1, values=common | words | {"agreed": f"雀议{pupil.name[-1]}"}, by=recorder)
            if label in ("sibling class", "other county", "other city"):
                visit.state, visit.remark, visit.checked_at = "sent_back", f"雀退{pupil.name[-1]}", utcnow()
                visit.save()
            self.visits[label] = (visit.id, self.places_of(pupil))
            self.make_individual_plan(pupil, recorder)
        two = [self.pupils["own class"], self.pupils["sibling class"]]
        shared = record_visit(students=two, values=common, by=recorder, files=files)
        self.visits["two classes"] = (shared.id, tuple(place for pupil in two for place in self.places_of(pupil)))

    def make_individual_plan(self, pupil, by):
        mark, on = pupil.name[-1], today_in_china()
        made = {"county": pupil.county_id, "student": pupil, "schedule": "", "consent_by": "监护人", "consent_on": on, "teacher": by, "made_by": by}
        IndividualPlan.create(**made, starts_on=on, ends_on=on + datetime.timedelta(days=90), place="home", assessed=f"雀估{mark}")
        IndividualGoal.create(student=pupil, term=term_of(on).code, goals=f"雀标{mark}", result=f"雀果{mark}", set_by=by)

    def make_call_backs(self):
        """Every pupil's visit was drawn, and nobody answered the first call."""
        self.call_backs, caller = {}, User.get(User.username == "visitor")
        for county in self.counties:
            draw = CallDraw.create(county=county, place=county, month=f"{today_in_china():%Y-%m}", visits=len(self.visits), drawn=len(self.visits), share=100)
            for label, pupil in self.pupils.items():
                if pupil.county_id == county.id:
                    self.call_backs[label] = CallBack.create(draw=draw, visit=self.visits[label][0], state="again", tries=1)
                    CallMade.create(call_back=self.call_backs[label], number=1, outcome="no_answer", remark=f"雀拨{pupil.name[-1]}", called_by=caller)

    def make_second_looks(self):
        """Of every pupil's visit; of the sibling's somebody has looked already."""
        self.second_looks, looker = {}, User.get(User.username == "visitor")
        for label, pupil in self.pupils.items():
            looked = {"looked_by": looker, "looked_at": utcnow(), "remark": f"雀看{pupil.name[-1]}"} if label == "sibling class" else {}
            self.second_looks[label] = SecondLook.create(county=pupil.county_id, visit=self.visits[label][0], reason="odd_hours", **looked)
            FormerLook.create(second_look=self.second_looks[label], looked_by=looker, looked_at=utcnow(), remark=f"雀再{pupil.name[-1]}", withdrawn_by=looker)

    def make_papers(self):
        """A sheet for every pupil who sits in a class, typed in already as the pupil's visit."""
        recorder, self.papers, batches = User.get(User.username == "visitor"), {}, {}
        for label, pupil in self.pupils.items():
            if pupil.class_org_id is None:
                continue
            if pupil.class_org_id not in batches:
                kept = {"county": pupil.county_id, "class_org": pupil.class_org_id, "form": "visit", "printed_by": recorder}
                batches[pupil.class_org_id] = PaperBatch.create(**kept)
            paper = Paper.create(batch=batches[pupil.class_org_id], student=pupil, code=new_code(), visit=self.visits[label][0])
            self.papers[label] = paper.code
        self.paper_batches = list(batches.values())

    def make_payments(self):
        """A batch of each county that paid all its pupils, with who they are and whose account; and one that paid nobody yet."""
        self.batches, self.payments, self.programs = {}, {}, {}
        for county in self.counties:
            program = self.programs[county.code] = Program.create(county=county, name="生活补助")
            made = {"county": county, "program": program}
            self.batches[county.code] = Batch.create(**made, term="2026-autumn", name="秋-01")
            self.batches["empty", county.code] = Batch.create(**made, term="2026-spring", name="春-01")
        for pupil in self.pupils.values():
            batch, mark = self.batches[pupil.county.code], pupil.name[-1]
            school = pupil.class_org.parent if pupil.class_org else None
            line = {"school": school, "stage": "primary", "grade": "三年级", "is_boarding": False, "status": "paid"}
            account = {"holder_name": f"雀户{mark}", "card_number": "6217009900990099", "card_index": b"0" * 16}
            payment = Payment(batch=batch, program=batch.program, term=batch.term, student=pupil, hardship=f"雀困{mark}", amount_fen=62500, **line, **account)
            payment.save(force_insert=True)
            with transaction():
                keep_version(payment, None, "")
            payment.revision = 2
            payment.save()
            self.payments[pupil.id] = payment

    def make_policies(self):
        """One that has not begun, in every county: it may be withdrawn."""
        self.policy_values = {}
        for county in self.counties:
            user = factories.make_user("bureau_admin", county, name="定规人", username=f"rules.{county.code}")
            ahead = {"holds_from": today_in_china() + datetime.timedelta(days=30), "reason": "雀规", "set_by": user}
            self.policy_values[county.id] = PolicyValue.create(county=county, key="roll_late_days", value="9", **ahead).id

    def make_extra_fields(self):
        """Of every county a sensitive one, one in the list, one to choose from and a retired one; every pupil says something in each."""
        self.extra_fields: dict[int, list[int]] = {}
        kinds = (("text", "", True, False, "雀项{}"), ("text", "", False, True, "雀列{}"), ("choice", "甲\n乙", False, False, "甲"), ("text", "", False, False, "雀停{}"))
        for county in self.counties:
            user = User.get(User.username == f"rules.{county.code}")
            self.extra_fields[county.id] = []
            for n, (kind, words, is_sensitive, shown_in_list, said) in enumerate(kinds):
                flags = {"is_sensitive": is_sensitive, "shown_in_list": shown_in_list, "withdrawn_at": utcnow() if n == 3 else None}
                field = ExtraField.create(
                    county=county, label=f"自定{n}", kind=kind, choices=words, position=n, set_by=user, withdrawn_by=user if n == 3 else None, **flags
                )
                self.extra_fields[county.id].append(field.id)
                mine = [pupil for pupil in self.pupils.values() if pupil.county_id == county.id]
                put_values([(pupil.id, field.id, said.format(pupil.name[-1])) for pupil in mine], user.id)

    def make_role_requests(self):
        """One that waits in every county, asked for by somebody else than those who walk about."""
        self.role_requests = []
        for county in self.counties:
            asker, clerk = (factories.make_user(role, county, name="雀任") for role in ("bureau_admin", "bureau_staff"))
            days = {"starts_on": today_in_china(), "expires_at": utcnow() + datetime.timedelta(days=7)}
            self.role_requests.append(RoleRequest.create(user=clerk, role="bureau_admin", org=county, requested_by=asker, **days))

    def make_session_plans(self):
        """At every county and school, in a month's time: whoever keeps its calendar may withdraw them."""
        user, day = self.people["bureau_admin at county"].user, today_in_china() + datetime.timedelta(days=30)
        for org in [org for org in vars(self.orgs).values() if org.kind in ("county", "school")]:
            SessionPlan.create(county=org.county_id, org=org, sessions="morning,afternoon,night", holds_from=day, reason="雀规", set_by=user)

    def make_sweeps(self):
        """Everywhere an evening without class and a sweep of today; every pupil in a class had not come back on the first of the term."""
        user, on = self.people["bureau_admin at county"].user, datetime.date(2026, 9, 1)
        places = [org for org in vars(self.orgs).values() if org.kind in ("class", "school")]
        self.no_classes = [NoClass.create(county=org.county_id, org=org, on=self.on, session="evening", kind="other", reason="雀规", declared_by=user) for org in places]
        self.sweep_days = {county.id: SweepDay.create(county=county, on=self.on, reason="雀规", declared_by=user).id for county in self.counties}
        self.not_returned = []
        for room in [org for org in places if org.kind == "class"]:
            sweep = Sweep.create(class_org=room, school=room.parent_id, round="2026-autumn", on=on, expected=1, is_late=False, confirmed_by=user)
            for pupil in Student.select().where(Student.class_org == room):
                self.not_returned.append(NotReturned.create(sweep=sweep, student=pupil, note=f"雀返{pupil.name[-1]}", changed_by=user))

    def make_history(self):
        """Of every pupil in a class: a move, a number that was replaced, a former version, and a transfer that the other school refused; two that are not over."""
        user, schools = self.people["bureau_admin at county"].user, [org for org in vars(self.orgs).values() if org.kind == "school"]
        self.merges = {}
        for pupil in Student.select():
            home = Household.create(county=pupil.county_id, head_name="雀户主", home=pupil.home, address=f"雀宅{pupil.name[-1]}", created_by=user)
            Student.update(household=home).where(Student.id == pupil.id).execute()
        for pupil in [pupil for pupil in Student.select() if pupil.class_org_id]:
            mark, room, county = pupil.name[-1], pupil.class_org, pupil.county_id
            Move.create(county=county, student=pupil, kind="enroll", on_day=DAY, to_class=room, reason=f"雀异{mark}", recorded_by=user)
            old = factories.make_id_number()
            FormerNumber.create(county=county, student=pupil, kind="id_number", number=old, number_index=keyed("index_id", old), replaced_on=DAY, reason="雀改", replaced_by=user)
            FormerName.create(student=pupil, name=f"雀旧{mark}", replaced_on=DAY, reason="雀改", recorded_by=user)
            StudentVersion.create(student=pupil, revision=0, cause="edit", content=json.dumps({"fields": {"address": f"雀原{mark}"}}, ensure_ascii=False), replaced_by=user)
            self.merge_into(pupil, mark, user)
            other = next((school for school in schools if school.county_id == county and school.id != room.parent_id), None)
            if other is None:
                continue  # the only school of its county
            words = {"reason": f"雀转{mark}", "answer": f"雀拒{mark}", "leaves_on": DAY, "arrive_by": DAY}
            ends = {"state": "refused", "asked_by": user, "ended_by": user, "ended_at": utcnow()}
            places = {"from_class": room, "from_school": room.parent_id, "to_school": other, "asked_by_school": room.parent_id}
            Transfer.create(county=county, student=pupil, **places, **words, **ends)
        self.open_transfers(user)
        self.suspend(user)

    def suspend(self, user):
        """A pupil of the own class who is on 休学 still."""
        o = self.orgs
        pupil = factories.make_student(o.room, "休学生")
        Enrollment.update(ends_on=datetime.date(2026, 10, 31)).where(Enrollment.student == pupil).execute()
        Student.update(class_org=None).where(Student.id == pupil.id).execute()
        days = {"on_day": datetime.date(2026, 11, 1), "until_on": datetime.date(2999, 1, 4)}
        self.away = Move.create(county=o.county, student=pupil, kind="suspend", from_class=o.room, **days, recorded_by=user)

    def open_transfers(self, user):
        """One that the school asked for, which was confirmed, and one that it may answer; nobody is on the way out of it."""
        o = self.orgs
        days = {"leaves_on": datetime.date(2026, 11, 10), "arrive_by": datetime.date(2999, 1, 4)}
        for label, state in (("moved away", "confirmed"), ("other township, home here", "asked")):
            pupil = self.pupils[label]
            room, confirmed = pupil.class_org, {"confirmed_by": user, "confirmed_at": utcnow()} if state == "confirmed" else {}
            places = {"from_class": room, "from_school": room.parent_id, "to_school": o.school, "asked_by_school": o.school if confirmed else room.parent_id}
            Transfer.create(county=pupil.county_id, student=pupil, **places, **days, state=state, asked_by=user, reason="搬家" if confirmed else f"雀转{pupil.name[-1]}", **confirmed)

    def make_rollovers(self):
        """An act on every school that nothing hangs on; orders that wait for a far school and another county; a closed year of every county."""
        self.rollovers, self.orders = [], []
        factories.make_class(self.orgs.school, "三年级", "9")  # to be joined with
        factories.make_class(self.orgs.school, "六年级", "9", factories.YEAR - 1)  # that has finished
        user, schools = self.people["bureau_admin at county"].user, [org for org in vars(self.orgs).values() if org.kind == "school"]
        for school in schools:
            act = {"kind": "split", "school_year": 2026, "on_day": today_in_china(), "document": "雀文", "reason": "雀因"}
            self.rollovers.append(Rollover.create(county=school.county_id, school=school, **act, journal=Journal(names=[(0, "雀班")]).text(), done_by=user))
        for place in (*schools[1:], self.orgs.alien_county):
            self.orders.append(RolloverOrder.create(county=place.county_id, place=place, school_year=2026, asked_by=user))
        for county in self.counties:
            ClosedYear.create(county=county, school_year=2015, reason="上报完毕", closed_by=user)
    def merge_into(self, pupil, mark, user):
        """A record that became part of this one: nobody finds it any more."""
        about = {"name": f"雀并{mark}", "pinyin": "", "sex": "F", "born_on": DAY, "ethnicity": "", "id_kind": "", "entered_on": "", "home_code": ""}
        gone = Student.create(county=pupil.county_id, merged_into=pupil, **about)
        words = {"reason": "雀改", "journal": json.dumps({"kept": {"address": f"雀志{mark}"}}, ensure_ascii=False)}
        made = StudentMerge.create(county=pupil.county_id, kept=pupil, dropped=gone, kept_revision=0, dropped_revision=0, merged_by=user, **words)
        self.merges[pupil.id] = made.id

    def make_closures(self):
        """At every county, township and school, in a year's time: whoever may end them can."""
        self.closures, day = [], today_in_china() + datetime.timedelta(days=365)
        for org in [org for org in vars(self.orgs).values() if org.kind in ("county", "township", "school")]:
            values = {"kind": "closure", "first_on": day, "last_on": day, "reason": "大雪", "declared_by": self.people["bureau_admin at county"].user}
            self.closures.append((org, Closure.create(county=org.county_id, org=org, **values)))

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
                made = list_child(self.lists[county.code, kind], f"金纸{mark}", home=home, head_name=f"雀户{mark}", id_number=number, certificate=number and f"{number}43")
                self.listed.setdefault(label, made)
        for label in ("own class", "other township"):
            pupil = self.pupils[label]
            list_child(self.lists["990100", "household_registry"], pupil.name, home=pupil.home, born_on=pupil.born_on, sex=pupil.sex)
        chief = self.people["bureau_admin at county"].user
        self.list_kinds = [ListKind.create(county=county, label=f"名单种类{county.code}", giver="民政局", tag="orphan", added_by=chief) for county in self.counties]
        self.matched_pairs = {}
        for label, pupil in self.pupils.items():
            number = factories.make_id_number(pupil.born_on, pupil.sex)
            pair = {"id_number": number, "id_index": keyed("index_id", number), "is_same": False, "decided_by": chief}
            self.matched_pairs[label] = MatchedPair.create(county=pupil.county_id, student=pupil, **pair)

    def make_leaves(self):
        """Of every pupil in a class: one that runs, with symptoms, one that waits and was changed; of every class an alert that was handled."""
        user, today, day = self.people["school_admin at school"].user, self.on, datetime.timedelta(days=1)
        self.leaves, self.alerts = [], []
        for label, pupil in [(label, pupil) for label, pupil in self.pupils.items() if pupil.class_org_id]:
            mark, room = pupil.name[-1], pupil.class_org
            place = {"county": room.county_id, "school": room.parent_id, "class_org": room, "student": pupil}
            plain = {"kind": "sick_leave", "first_session": "early", "last_session": "night", "days": 3, "reason": f"雀假{mark}", "applicant": "母亲", "way": "phone", "asked_by": user}
            runs = Leave.create(**place, **plain, first_on=today - 2 * day, last_on=today + day, level="school", state="approved", decided_by=user, decided_at=utcnow())
            waits = Leave.create(**place, **plain, first_on=today + 40 * day, last_on=today + 46 * day, level="principal", is_proved=True)
            LeaveStep.create(leave=runs, kind="approved", done_by=user, words=f"雀批{mark}")
            former = {"kind": "sick_leave", "first_on": str(today), "last_on": str(today), "reason": f"雀改{mark}"}
            LeaveStep.create(leave=waits, kind="edited", done_by=user, former=json.dumps(former, ensure_ascii=False))
            SymptomReport.create(**place, leave=runs, on=today - 2 * day, onset_on=today - 2 * day, symptoms=f"fever,雀症{mark}", recorded_by=user)
            self.leaves += [(label, runs), (label, waits)]
            if room.id not in [alert.class_org_id for alert in self.alerts]:
                told = {"cases": 3, "handled_by": user, "handled_at": utcnow(), "measures": f"雀措{mark}"}
                self.alerts.append(IllnessAlert.create(county=room.county_id, school=room.parent_id, class_org=room, on=today, symptom="fever", **told))

    def make_tasks(self):
        """Of every pupil in a class one that is open and one that was done, with a word on how it went."""
        user, today, self.tasks = self.people["school_admin at school"].user, self.on, []
        for label, pupil in [(label, pupil) for label, pupil in self.pupils.items() if pupil.class_org_id]:
            room, mark = pupil.class_org, pupil.name[-1]
            plain = {"county": room.county_id, "org": room, "since": today, "after": 1, "due_on": today}
            waits = Task.create(**plain, kind="call")
            done = Task.create(**plain, kind="visit", done_at=utcnow(), done_by=user, how="hand", note=f"雀办{mark}")
            for task in (waits, done):
                AbsenceWarning.create(county=room.county_id, class_org=room, student=pupil, step=task.kind, first_on=today, reached_on=today, task=task)
            self.tasks += [(label, waits), (label, done)]

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
            case = open_case(student=pupil, values={"detail": f"雀初{mark}", "main_reason": "01"}, by=recorder)
            edit_case(case=case, revision=case.revision, values={"detail": f"雀案{mark}"}, by=recorder)
            told = {"kind": "phone", "on": today, "people": "记案人", "person_met": f"雀亲{mark}", "result": "refused", "words": f"雀话{mark}", "promise": f"雀诺{mark}"}
            add_follow_up(case=case, values=told, by=recorder)
            if label == closed:
                case = type(case).get_by_id(case.id)
                told = {"outcome": "transferred", "conclusion": f"雀结{mark}", "closed_on": today}
                close_case(case=case, revision=case.revision, **told, by=recorder)
            visit = Visit.create(county=pupil.county_id, form="on_site", on=today, teachers="记案人", views=f"雀访{mark}")
            VisitStudent.create(student=pupil, visit=visit, class_org=pupil.class_org, force_insert=True)
            self.cases[label], self.case_visits[label] = case, visit
        self.make_case_closings()
        self.make_handovers()
        self.make_notices()
        self.make_seals()
        self.make_responsibilities()

    def make_responsibilities(self):
        """Of every pupil and every place somebody who answers."""
        bureau, plain = self.people["bureau_admin at county"].user, {"line": "edu", "duty": "teacher", "name": "包保人", "phone": "13900990099", "starts_on": DAY}
        self.responsible_children = [(label, Responsibility.create(county=pupil.county_id, student=pupil, recorded_by=bureau, **plain)) for label, pupil in self.pupils.items()]
        places = [org for org in vars(self.orgs).values() if org.kind in ("class", "school", "village", "township")]
        self.responsible_places = [Responsibility.create(county=org.county_id, org=org, recorded_by=bureau, **plain) for org in places]

    def make_seals(self):
        """Every case was sealed once, somebody looked in need, and the seal was lifted; one is sealed, and everybody of the world is named."""
        bureau = self.people["bureau_admin at county"].user
        for label, case in self.cases.items():
            words = f"雀密{self.pupils[label].name[-1]}"
            CaseSeal.create(case=case, reason=words, sealed_by=bureau, lifted_by=bureau, lifted_at=utcnow(), words=words)
            CaseReader.create(case=case, user=bureau, named_by=bureau, ended_by=bureau, ended_at=utcnow())
            CaseOverruling.create(case=case, what="lift", reason=words, by=bureau)
            if label == "other township":
                CaseSeal.create(case=case, reason=words, sealed_by=bureau)
                for user in User.select():
                    CaseReader.create(case=case, user=user, named_by=bureau)
            CaseGlance.create(case=case, user=bureau, reason=words, at=utcnow() - datetime.timedelta(hours=2), until=utcnow() - datetime.timedelta(hours=1))

    def make_notices(self):
        """Of every open case one that was served once in vain, with a photo; and a text of every county's own."""
        bureau, self.notices, self.notice_texts = self.people["bureau_admin at county"].user, [], {}
        for county in self.counties:
            plain = {"kind": "other", "title": "督促通知书", "series": "督字", "body": "{学生}", "days": 5}
            self.notice_texts[county.id] = NoticeText.create(county=county, set_by=bureau, **plain).id
        for number, (label, case) in enumerate(self.cases.items(), 1):
            pupil, mark, today = self.pupils[label], self.pupils[label].name[-1], today_in_china()
            if type(case).get_by_id(case.id).state == "closed":
                continue
            plain = {"kind": "return", "title": "劝学通知书", "series": "劝通字", "year": today.year, "number": number, "addressee": "次仁", "state": "not_served"}
            office, due_on = pupil.county, today + datetime.timedelta(days=7)
            notice = Notice.create(case=case, office=office, body=f"雀文{mark}", issued_on=today, due_on=due_on, issued_by=bureau, **plain)
            gone = {"state": "withdrawn", "withdrawn_by": bureau, "withdrawn_at": utcnow(), "words": f"雀文{mark}", "number": 100 + number}
            Notice.create(case=case, office=office, body=f"雀文{mark}", issued_on=today, due_on=due_on, issued_by=bureau, **plain | gone)
            tried = {"ordinal": 1, "is_served": False, "way": "direct", "on": today, "servers": "王支书", "place": f"雀址{mark}", "words": f"雀送{mark}"}
            photo = keep("photo", clean(PHOTO, 100_000))
            self.notices.append((label, notice, NoticeService.create(notice=notice, evidence=photo, recorded_by=bureau, **tried)))

    def make_handovers(self):
        """Of cases elsewhere one that waits, of one of them the administrator's own; of the own class one that was refused."""
        bureau, self.handovers = self.people["bureau_admin at county"].user, []
        asker = factories.make_user("teacher", self.orgs.other_room, name="移交人", username="handover.asker")
        for label in ("own class", "other township, home here", "other township", "other county", "other city"):
            case, mark = self.cases[label], self.pupils[label].name[-1]
            place = self.pupils[label].class_org.parent
            ended = {"state": "refused", "ended_by": bureau, "ended_at": utcnow(), "words": f"雀移{mark}"} if label == "own class" else {}
            plain = {"case": case, "to_org": place, "reason": f"雀移{mark}", "answer_by": today_in_china(), "asked_by": bureau if label == "other township" else asker}
            self.handovers.append((label, CaseHandover.create(**plain, **ended)))

    def make_case_closings(self):
        """Of every open case one that was sent back; and but for the own class one that waits, of the other township the administrator's own."""
        asker = factories.make_user("teacher", self.orgs.room, name="申请人", username="closing.asker")
        bureau, self.case_closings = self.people["bureau_staff at county"].user, []
        for label, case in self.cases.items():
            case = type(case).get_by_id(case.id)
            if case.state == "closed":
                continue
            mark, plain = self.pupils[label].name[-1], {"case": case, "case_revision": case.revision, "level": "township", "outcome": "transferred", "closed_on": today_in_china(), "asked_by": asker}
            back = CaseClosing.create(**plain, conclusion=f"雀据{mark}", state="sent_back", words=f"雀缺{mark}", ended_by=bureau, ended_at=utcnow())
            self.case_closings.append((label, back))
            if label != "own class":
                own = {"asked_by": self.people["bureau_admin at county"].user} if label == "other township" else {}
                self.case_closings.append((label, CaseClosing.create(**plain | own, conclusion=f"雀据{mark}")))

    @staticmethod
    def places_of(pupil) -> tuple:
        """The class, the registered home, and the county that answers for the record."""
        orgs = [pupil.class_org, pupil.home, pupil.county]
        return tuple(org.path for org in orgs if org is not None)
