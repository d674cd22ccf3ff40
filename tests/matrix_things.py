"""What the parts of an address may name in the world of the matrix, and which words nobody else may read."""

import re

from aidtracker.accounts.models import Membership, UserSession
from aidtracker.accounts.sessions import code_of
from aidtracker.db import new_uid
from aidtracker.imports.kinds import KINDS
from aidtracker.ledgers.registry import LEDGERS
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.reports.registry import REPORTS
from aidtracker.students.models import Enrollment
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.visits.models import VisitFile
from aidtracker.visits.models_plans import IndividualPlan
from tests.matrix import CANARIES, HUGE, Person, Thing, broken, numbers, spellings
from tests.matrix_world import Made

P = Permission


class World(Made):
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
            ("", "other_id"): self.other_student_things,
            ("", "merge_id"): self.merge_things,
            ("", "move_id"): lambda: self.own_things("the pupil's own move", Move),
            ("", "away_id"): lambda: [Thing("on 休学 from the own class", self.away.id, "move", (self.orgs.room.path,)), *numbers("move")],
            ("", "spell_id"): lambda: self.own_things("the pupil's own spell", Enrollment),
            ("", "transfer_id"): self.transfer_things,
            ("", "visit_id"): lambda: [Thing(label, *of[:1], "visit", of[1]) for label, of in self.visits.items()] + numbers("visit"),
            ("visits", "file_id"): self.file_things,
            ("visits", "plan_id"): lambda: self.own_things("the pupil's own plan", IndividualPlan),
            ("visits", "batch_id"): lambda: [Thing(f"of {one.class_org.name}", one.id, "papers", (one.class_org.path,)) for one in self.paper_batches] + numbers("papers"),
            ("visits", "call_back_id"): lambda: [Thing(label, one.id, "call back", self.visits[label][1]) for label, one in self.call_backs.items()] + numbers("call back"),
            ("visits", "second_look_id"): lambda: [Thing(label, one.id, "second look", self.visits[label][1]) for label, one in self.second_looks.items()] + numbers("second look"),
            ("visits", "code"): self.paper_things,
            ("", "case_id"): self.case_things,
            ("", "closing_id"): self.closing_things,
            ("", "handover_id"): self.handover_things,
            ("", "notice_id"): lambda: self.notice_things("notice", 0),
            ("", "service_id"): lambda: self.notice_things("service", 1),
            ("cases", "text_id"): self.notice_text_things,
            ("", "responsibility_id"): self.responsibility_things,
            ("", "leave_id"): lambda: [Thing(f"of {label}", leave.id, "leave", (leave.class_org.path,)) for label, leave in self.leaves] + numbers("leave"),
            ("", "task_id"): lambda: [Thing(f"of {label}", task.id, "task", (task.org.path,)) for label, task in self.tasks] + numbers("task"),
            ("", "alert_id"): lambda: [Thing(f"in {alert.class_org.name}", alert.id, "alert", (alert.class_org.path,)) for alert in self.alerts] + numbers("alert"),
            ("", "on"): lambda: [Thing("the day", self.on.isoformat()), *broken("2026-13-45", "yesterday", "0")],
            ("", "session"): lambda: [Thing("morning", "morning"), *broken("midnight", "%27")],
            ("", "batch_id"): self.batch_things,
            ("", "payment_id"): self.payment_things,
            ("students", "county_id"): self.county_things,
            ("cases", "county_id"): self.county_things,
            ("students", "rollover_id"): lambda: [Thing(f"of {one.school.name}", one.id, "rollover", (one.school.path,)) for one in self.rollovers] + numbers("rollover"),
            ("students", "order_id"): lambda: [Thing(f"of {one.place.name}", one.id, "order", (one.place.path,)) for one in self.orders] + numbers("order"),
            ("terms", "closure_id"): self.closure_things,
            ("policies", "county_id"): self.county_things,
            ("students", "field_id"): self.extra_field_things,
            ("policies", "key"): lambda: [Thing(key, key) for key in ("roll_late_days", "severe_absence")] + broken("nothing", "0"),
            ("accounts", "request_id"): lambda: [Thing(f"of {one.org.name}", one.id, "request", (one.org.path,)) for one in self.role_requests] + numbers("request"),
            ("policies", "value_id"): self.policy_value_things,
            ("operation", "uid"): self.backup_things,
            ("jobs", "uid"): lambda: self.owned_things("job", self.jobs),
            ("accounts", "code"): self.session_things,
            ("census", "snapshot_id"): self.list_things,
            ("census", "child_id"): self.listed_things,
            ("census", "kind_id"): lambda: [Thing(f"of {one.county.name}", one.id, "list kind", (one.county.path,)) for one in self.list_kinds] + numbers("list kind"),
            ("census", "pair_id"): lambda: [Thing(f"of {label}", one.id, "pair", self.places_of(self.pupils[label])) for label, one in self.matched_pairs.items()] + numbers("pair"),
            ("attendance", "free_id"): lambda: [Thing(f"at {one.org.name}", one.id, "no class", (one.org.path,)) for one in self.no_classes] + numbers("no class"),
            ("attendance", "returner_id"): lambda: [Thing(f"of {one.student.name}", one.id, "returner", (one.sweep.class_org.path,)) for one in self.not_returned] + numbers("returner"),
            ("attendance", "round_key"): lambda: [Thing("today's round", self.on.isoformat()), *broken("2026-13-45", "nothing")],
            ("attendance", "day_id"): self.sweep_day_things,
            ("imports", "uid"): lambda: [Thing("committed", self.committed.uid, "import", owner=self.committed.by), *self.owned_things("import", self.imports)],
            ("students", "kind"): lambda: [Thing("a finding", "no_id"), *broken("nothing", "0")],
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

    def other_student_things(self):
        """Another pupil of the same county, and one of the next."""

        def near(case):
            mine = next((pupil for pupil in self.pupils.values() if pupil.id == case["student_id"].value), None)
            return self.first_other(lambda pupil: mine is None or (pupil.id != mine.id and pupil.county_id == mine.county_id))

        return [Thing("another pupil", of=near), *numbers("student")]

    def first_other(self, fits):
        found = next((pupil for pupil in self.pupils.values() if fits(pupil)), None)
        if found is None:
            return Thing("nobody else", 99_999, "student", exists=False)
        return Thing("another pupil", found.id, "student", self.places_of(found))

    def merge_things(self):
        def own(case):
            kept = self.merges.get(case["student_id"].value)
            return Thing("the pupil's own", kept or 1, exists=kept is not None)

        def other(case):
            return Thing("another pupil's", next(merge for pupil, merge in self.merges.items() if pupil != case["student_id"].value), exists=False)

        return [Thing("the pupil's own", of=own), Thing("another pupil's", of=other), *numbers("merge")]

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
        found = [Thing(f"{kind} of {code}", each.id, "list", self.within(each.county)) for (code, kind), each in self.lists.items()]
        return found[::2] + numbers("list")

    def county_things(self):
        found = [Thing(f"county {county.name}", county.id, "county", self.within(county)) for county in self.counties]
        return [*found, Thing("a township where a county is asked for", self.orgs.township.id, "county", exists=False), *numbers("county")]

    def sweep_day_things(self):
        def own(case):
            kept = self.sweep_days.get(case["org_id"].value)
            return Thing("the county's own", kept or 1, exists=kept is not None)

        def other(case):
            return Thing("another county's", next(day for county, day in self.sweep_days.items() if county != case["org_id"].value), exists=False)

        return [Thing("the county's own", of=own), Thing("another county's", of=other), *numbers("day")]

    def policy_value_things(self):
        def own(case):
            kept = self.policy_values.get(case["county_id"].value) if case["key"].value == "roll_late_days" else None
            return Thing("the rule's own", kept or 1, exists=kept is not None)

        def other(case):
            foreign = next(value for county, value in self.policy_values.items() if county != case["county_id"].value)
            return Thing("another county's", foreign, exists=False)

        return [Thing("the rule's own", of=own), Thing("another county's", of=other), *numbers("rule")]

    def extra_field_things(self):
        def own(case):
            kept = self.extra_fields.get(case["county_id"].value)
            return Thing("the county's own", kept[0] if kept else 1, exists=kept is not None)

        def retired(case):
            kept = self.extra_fields.get(case["county_id"].value)
            return Thing("the county's retired one", kept[3] if kept else 1, exists=kept is not None)

        def other(case):
            return Thing("another county's", next(ids for county, ids in self.extra_fields.items() if county != case["county_id"].value)[0], exists=False)

        return [Thing("the county's own", of=own), Thing("the county's retired one", of=retired), Thing("another county's", of=other), *numbers("field")]

    def closure_things(self):
        return [Thing(f"at {org.name}", closure.id, "closure", (org.path,)) for org, closure in self.closures] + numbers("closure")

    def within(self, county) -> tuple:
        """It exists for everybody who looks after something of it."""
        return tuple(org.path for org in vars(self.orgs).values() if org.county_id == county.id)

    def listed_things(self):
        return [Thing(label, child.id, "listed", self.places_of_listed(child)) for label, child in self.listed.items()] + numbers("listed")

    @staticmethod
    def places_of_listed(child) -> tuple:
        return tuple(org.path for org in (child.home, child.snapshot.county) if org is not None)

    def case_things(self):
        found = [Thing(f"of {label}", case.id, "case", self.places_of(self.pupils[label])) for label, case in self.cases.items()]
        return found + numbers("case")

    def closing_things(self):
        found = [Thing(f"of {label}", each.id, "closing", self.places_of(self.pupils[label])) for label, each in self.case_closings]
        return found + numbers("closing")

    def handover_things(self):
        found = [Thing(f"of {label}", each.id, "handover", self.places_of(self.pupils[label])) for label, each in self.handovers]
        return found + numbers("handover")

    def notice_things(self, kind, at):
        found = [Thing(f"of {label}", made[at].id, kind, self.places_of(self.pupils[label])) for label, *made in self.notices]
        return found + numbers(kind)

    def notice_text_things(self):
        def own(case):
            kept = self.notice_texts.get(case["county_id"].value)
            return Thing("the county's own", kept or 1, exists=kept is not None)

        def other(case):
            return Thing("another county's", next(text for county, text in self.notice_texts.items() if county != case["county_id"].value), exists=False)

        return [Thing("the county's own", of=own), Thing("another county's", of=other), *numbers("text")]

    def responsibility_things(self):
        of_child = [Thing(f"of {label}", each.id, "responsibility", self.places_of(self.pupils[label])) for label, each in self.responsible_children]
        of_place = [Thing(f"at {each.org.name}", each.id, "responsibility", (each.org.path,)) for each in self.responsible_places]
        return of_child + of_place + numbers("responsibility")

    def tag_things(self):
        def own(case):
            return Thing("the pupil's own", self.tags.get(case["student_id"].value, 1))

        def other(case):
            foreign = next(tag for pupil, tag in self.tags.items() if pupil != case["student_id"].value)
            return Thing("another pupil's", foreign, exists=False)

        return [Thing("the pupil's own", of=own), Thing("another pupil's", of=other), *numbers("tag")]

    def own_things(self, label, model):
        """The pupil's newest row of the model; another pupil's is none of its own."""

        def own(case):
            found = model.select(model.id).where(model.student == case["student_id"].value % 2**31).order_by(model.id.desc()).scalar()
            return Thing(label, found or 1, exists=found is not None)

        def other(case):
            foreign = model.select(model.id).where(model.student != case["student_id"].value % 2**31).scalar()
            return Thing("another pupil's", foreign, exists=False)

        return [Thing(label, of=own), Thing("another pupil's", of=other), *numbers("row of a pupil")]

    def paper_things(self):
        """Sheets that were typed in; one that was not leads on to the form of its pupil."""
        return [Thing(f"of {label}", code, "visit", self.places_of(self.pupils[label])) for label, code in self.papers.items()] + broken("ZZZZ2222", "0", "%27")

    def file_things(self):
        """A photo of the visit; one of another visit is none of its own."""

        def of(is_own):
            def found(case):
                mine = VisitFile.visit == case["visit_id"].value % 2**31
                id_ = VisitFile.select(VisitFile.attachment).where(mine if is_own else ~mine).order_by(VisitFile.attachment).scalar()
                return Thing("its photo", id_ or 1, exists=id_ is not None) if is_own else Thing("another visit's photo", id_, exists=False)

            return found

        return [Thing("its photo", of=of(True)), Thing("another visit's photo", of=of(False)), *numbers("photo of a visit")]

    def transfer_things(self):
        """Seen from either school; those first that are not over."""
        found = Transfer.select().order_by(Transfer.ended_at.is_null(False), Transfer.id)
        return [Thing(f"of {one.student.name}", one.id, "transfer", (one.from_school.path, one.to_school.path)) for one in found] + numbers("transfer")

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

    def backup_things(self):
        """The whole installation's: whoever may see one may see all."""
        return [Thing("a backup", self.backup.uid, "kind", permission=P.OPERATION_RUN), *broken(new_uid(), "0" * 32)]

    def session_things(self):
        """One's own devices, and everybody else's."""
        found = []
        for person in self.people.values():
            for session in UserSession.select().where(UserSession.user == person.user) if person.user else ():
                found.append(Thing(f"of {person.label}", code_of(session), "session", owner=person.user))
        return found + broken("0" * 16, "zz")

    def report_things(self):
        return [Thing(name, name, "report", permission=each.permission) for name, each in REPORTS.items()] + broken("nothing")

    def ledger_things(self):
        return [Thing(name, name, "ledger", permission=each.permissions[0]) for name, each in LEDGERS.items()] + broken("nothing")

    @staticmethod
    def places_of_user(user) -> tuple:
        return tuple(m.org.path for m in Membership.select(Membership, Org).join(Org).where(Membership.user == user))

    # Who may read which canary.

    def forbidden_words(self, person: Person, whole=False) -> re.Pattern:
        """Whatever must stand in no answer to this person, in every spelling; `whole`: nor in a file that holds whole numbers."""
        words = []
        for label, pupil in self.pupils.items():
            name = pupil.name[-1]
            if not self.may_read(person, label, pupil):
                words += [] if self.is_asked_to_take(person, pupil) else [pupil.name]
                words += [f"雀亲{name}", f"雀残{name}", f"雀因{name}"]
            for permission, canaries in CANARIES.items():
                if person.is_stranger or person.state or not person.reaches(permission, self.places_of(pupil)):
                    words += [f"{canary}{name}" for canary in canaries]
            if not whole or not person.reaches(P.STUDENT_REVEAL, self.places_of(pupil)):
                words += [pupil.id_number, pupil.student_number]  # masked on every page
        words += ["雀钥", "雀匙", "雀志"]
        words += ["6217009900990099"] if whole else ["13900990099", "13800990088", "6217009900990099"]
        for child in self.listed.values():
            if person.is_stranger or person.state or not person.reaches(P.CENSUS_VIEW, self.places_of_listed(child)):
                words += [child.name, child.head_name]
            words.append(child.id_number)
        words += [f"雀记{county.code}" for county in self.counties if not person.reaches(P.AUDIT_VIEW, (county.path,))]
        for each in self.people.values():
            if each.user and each.user != person.user:
                words += [f"雀档{each.user.id:03}", f"雀表{each.user.id:03}"]
        return re.compile("|".join(re.escape(spelling) for word in words for spelling in spellings(word)))

    def is_asked_to_take(self, person: Person, pupil) -> bool:
        """The other school of a transfer reads the child's name there, until it comes to nothing."""
        if person.is_stranger or person.state:
            return False
        return any(person.reaches(P.MOVE_VIEW, (one.to_school.path,)) for one in Transfer.select().where((Transfer.student == pupil) & Transfer.state.not_in(("refused", "withdrawn"))))

    def may_read(self, person: Person, label: str, pupil) -> bool:
        if person.is_stranger or person.state:
            return False
        former = (self.orgs.room.path,) if label == "moved away" else ()  # stands in the rolls of that time
        return person.reaches(P.STUDENT_VIEW, (*self.places_of(pupil), *former)) or person.reaches(P.ROLL_SUBMIT, former)


def open_membership(user):
    found = Membership.select(Membership, Org).join(Org).where((Membership.user == user) & Membership.ends_on.is_null())
    return found.order_by(Membership.id).first()
