"""Races in the offices: money, workbooks and their jobs, other departments' lists, accounts and the front door."""

import io
from functools import partial

from peewee import fn

from aidtracker.accounts.models import Membership, SignInAttempt, User, UserSession
from aidtracker.aid.models import Batch, Payment, PaymentVersion, Program
from aidtracker.audit.models import AuditEntry
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.imports import actions as imports
from aidtracker.imports.models import ImportFile
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import run_job
from aidtracker.receipts.models import Receipt
from aidtracker.students.models import Student
from aidtracker.terms.calendar import term
from tests import factories
from tests.drills._race_world import CROWD, Race, at_once, make_user
from tests.volley import Shot, doorsteps, looked_at, volley

GUESSES = 64


# Money.


def same_batch(race: Race) -> None:
    """Eight open the same batch of a program that the county does not have yet."""
    fields = {"program": "", "program_name": program_of(race), "term": race.world.term, "name": "01"}
    race.one_wins(race.fire(race.world.officers, "/aid/new", lambda n: fields))
    batches = list(Batch.select().join(Program).where(Program.name == program_of(race)))
    race.exactly(1, len(batches), "batches")
    race.entries(1, "aid.create_batch")
    race.round.batch = batches[0]
    race.round.second_batch = Batch.create(county=race.world.county, program=batches[0].program, term=race.world.term, name="02")


def paid_at_once(race: Race) -> None:
    """Eight pay one child from the same batch."""
    pupil = race.world.pupils[0]
    race.one_wins(race.fire(race.world.officers, f"/students/{pupil.id}/aid/new", lambda n: payment_of(race, race.round.batch)))
    race.exactly(1, live(race, pupil), "payments")
    race.entries(1, "aid.record_payment")
    race.round.payment = Payment.get(Payment.batch == race.round.batch, Payment.student == pupil)


def paid_from_two_batches(race: Race) -> None:
    """Four from each batch of one program and term."""
    pupil, batches = race.world.pupils[1], (race.round.batch, race.round.second_batch)
    race.one_wins(race.fire(race.world.officers, f"/students/{pupil.id}/aid/new", lambda n: payment_of(race, batches[n % 2])))
    race.exactly(1, live(race, pupil), "payments")
    race.entries(1, "aid.record_payment")


def payment_sent_again(race: Race) -> None:
    pupil, key = race.world.pupils[2], race.key("paid")
    officer = race.world.officers[race.round.number % CROWD]
    address = f"/students/{pupil.id}/aid/new"
    race.all_win(race.fire([officer] * CROWD, address, lambda n: payment_of(race, race.round.batch) | {"key": key}))
    race.exactly(1, live(race, pupil), "payments")
    race.exactly(1, Receipt.select().where(Receipt.key == key).count(), "receipts")
    race.entries(1, "aid.record_payment")


def edited_payment(race: Race) -> None:
    payment = race.round.payment
    fields = payment_of(race, race.round.batch) | {"revision": 1}
    answers = race.fire(race.world.officers, f"/aid/payments/{payment.id}", lambda n: fields | {"amount": f"{600 + n}"})
    winner = race.one_wins(answers, told=(409,))
    now = Payment.get_by_id(payment.id)
    race.exactly(2, now.revision, "revisions")
    race.exactly(1, PaymentVersion.select().where(PaymentVersion.payment == payment).count(), "versions of what stood before")
    race.true(now.amount_fen == (600 + winner) * 100, "the payment that stands is not the winner's")
    race.entries(1, "aid.edit_payment")


def program_of(race: Race) -> str:
    return f"生活补助{race.round.number}"


def payment_of(race: Race, batch: Batch) -> dict:
    return {"batch": batch.id, "amount": "625", "state": "paid", "paid_on": race.world.today.isoformat(), "hardship": "低保"}


def live(race: Race, pupil) -> int:
    mine = (Payment.student == pupil) & (Program.name == program_of(race)) & (Payment.term == race.world.term)
    return Payment.select().join(Program).where(mine & (Payment.status != "returned")).count()


# Workbooks, and the jobs that bring them in.


def imports_and_hands(race: Race) -> None:
    """Two workbooks of the same eight payments are brought in while eight officers record them by hand: each child once."""
    pupils, program = race.world.pupils[:CROWD], f"助学金{race.since}"
    made = Program.create(county=race.world.county, name=program)
    batch = Batch.create(county=race.world.county, program=made, term=race.world.term, name="手工")
    lines = [[pupil.student_number, program, term(race.world.term).label, 625, "导入", race.world.today.isoformat()] for pupil in pupils]
    sheet = csv(["学籍号", "资助项目", "学期", "应发金额(元)", "批次", "发放日期"], lines)
    files = [checked(race, "aid-payments", sheet, n) for n in (0, 1)]
    for file in files:
        imports.commit_import(file=file, by=file.by)
    by_hand = []

    def hands():
        shots = [Shot(race.world.officers[n], f"/students/{pupil.id}/aid/new", payment_of(race, batch)) for n, pupil in enumerate(pupils)]
        by_hand.extend(volley(race.world.base_url, shots))

    at_once([hands, *(partial(run_job, job_of(file)) for file in files)])
    race.seen(by_hand)
    all_done(race, files)
    race.true(all(answer.status in (303, 400) for answer in by_hand), f"answers {sorted(answer.status for answer in by_hand)}")
    for pupil in pupils:
        mine = (Payment.student == pupil) & (Payment.program == made)
        race.exactly(1, Payment.select().where(mine).count(), f"payments of {pupil.id}")
    race.exactly(sum(answer.status == 303 for answer in by_hand), paid(made, is_imported=False), "payments by hand")
    race.entries(paid(made, is_imported=False), "aid.record_payment")
    race.exactly(paid(made, is_imported=True), told_of(race, "aid.import_payments"), "payments that the trail tells of")


def paid(program: Program, *, is_imported: bool) -> int:
    return Payment.select().where((Payment.program == program) & (Payment.is_imported == is_imported)).count()


def told_of(race: Race, action: str) -> int:
    """How many records the entries of this race count together."""
    entries = AuditEntry.select().where((AuditEntry.id > race.since) & (AuditEntry.action == action))
    return sum(entry.count for entry in entries)


def committed_at_once(race: Race) -> None:
    """One workbook, six times the button: one job."""
    race.round.numbers = [race.id_number() for _ in range(4)]
    file = race.round.file = checked(race, "household-registry", registry(race.round.numbers), 0, dated=race.round.day)
    before = Receipt.select(fn.MAX(Receipt.id)).scalar() or 0
    race.fire([race.world.officers[0]] * 6, f"/imports/{file.uid}/commit", lambda n: {})
    race.exactly(1, Job.select().where((Job.kind == imports.COMMIT) & (Job.state == "queued")).count(), "jobs")
    race.exactly(1, Receipt.select().where((Receipt.kind == "imports.commit_import") & (Receipt.id > before)).count(), "receipts")
    race.entries(1, "imports.commit_import")


def started_twice(race: Race) -> None:
    """Four workers are woken for the same job: one of them does it."""
    uid = job_of(race.round.file)
    at_once([partial(run_job, uid)] * 4)
    job = Job.get(Job.uid == uid)
    race.true(job.state == "done", f"the job is {job.state}: {job.message}")
    race.exactly(1, job.attempts, "runs")
    race.entries(1, "census.save_list")
    race.exactly(4, children_of(race), "children on the list")


def same_list_twice(race: Race) -> None:
    """Two people bring in the list of one day, which have two children in common."""
    numbers = [race.id_number() for _ in range(6)]
    files = [checked(race, "monitored-households", monitored(some), n, dated=race.round.day) for n, some in enumerate((numbers[:4], numbers[2:]))]
    for file in files:
        imports.commit_import(file=file, by=file.by)
    at_once([partial(run_job, job_of(file)) for file in files])
    all_done(race, files)
    lists = Snapshot.select().where((Snapshot.kind == "monitored_households") & (Snapshot.dated == race.round.day))
    race.exactly(1, lists.count(), "lists")
    race.exactly(6, ListedChild.select().where(ListedChild.snapshot.in_(lists)).count(), "children on the list")
    race.exactly(6, told_of(race, "census.save_list"), "children that the trail tells of")


def registered_child(race: Race) -> None:
    """Eight make a record of one child who stands on the list."""
    child = ListedChild.select().where(ListedChild.snapshot.in_(lists_of(race))).order_by(ListedChild.id).first()
    race.one_wins(race.fire(race.world.officers, f"/census/children/{child.id}/register", lambda n: {}))
    race.exactly(1, Student.select().where(Student.id_index == child.id_index).count(), "records")
    race.entries(1, "census.register_child")


def lists_of(race: Race):
    return Snapshot.select().where((Snapshot.kind == "household_registry") & (Snapshot.dated == race.round.day))


def children_of(race: Race) -> int:
    return ListedChild.select().where(ListedChild.snapshot.in_(lists_of(race))).count()


def checked(race: Race, kind: str, sheet: bytes, n: int, dated=None) -> ImportFile:
    """Uploaded by the n-th officer, and its check run."""
    kept = imports.keep_upload(io.BytesIO(sheet), f"{kind}.csv")
    file = imports.upload_workbook(kind=kind, kept=kept, school_year=None, dated=dated, by=race.world.officers[n].user)
    run_job(file.job_uid)
    file = ImportFile.get_by_id(file.id)
    race.true(file.state == "checked" and not file.outcome["refused"], f"the workbook is {file.state}: {file.outcome}")
    return file


def all_done(race: Race, files: list[ImportFile]) -> None:
    states = [Job.get(Job.uid == job_of(file)).state for file in files]
    race.true(states == ["done"] * len(files), f"the jobs are {states}")


def job_of(file: ImportFile) -> str:
    return ImportFile.get_by_id(file.id).job_uid


def csv(headings: list[str], lines: list[list]) -> bytes:
    return "\n".join(",".join(str(cell) for cell in line) for line in [headings, *lines]).encode()


def registry(numbers: list[str]) -> bytes:
    lines = [["雷海", f"雷婷{n}", "女", "汉族", number, "2017-05-04", "990100100201", "子女"] for n, number in enumerate(numbers)]
    return csv("户主姓名 姓名 性别 民族 公民身份号码 出生日期 户籍地址代码 与户主关系".split(), lines)


def monitored(numbers: list[str]) -> bytes:
    lines = [["990100100", "雷海", f"雷婷{n[-4:]}", n, "边缘易致贫户", "2020-01-01"] for n in numbers]
    return csv("乡镇代码 户主姓名 学生姓名 学生身份证号 监测对象类型 纳入日期".split(), lines)


# Accounts, and the door.


def same_username(race: Race) -> None:
    """Four administrators open an account of one name; each hashes a password, hence four."""
    name = f"zhang-{race.round.number}"
    fields = {"org": race.world.school.id, "name": "张老师", "username": name, "role": "teacher"}
    race.one_wins(race.fire(race.world.officers[:4], f"/accounts/new?org={race.world.school.id}", lambda n: fields), won=200)
    race.exactly(1, User.select().where(User.username == name).count(), "accounts")
    race.entries(1, "accounts.create_user")
    race.round.user = User.get(User.username == name)


def same_role(race: Race) -> None:
    user, room = race.round.user, race.world.rooms[0]
    fields = {"org": room.id, "role": "teacher", "starts_on": race.world.today.isoformat()}
    race.one_wins(race.fire(race.world.officers, f"/accounts/{user.id}/roles/new?org={room.id}", lambda n: fields))
    held = list(Membership.select().where((Membership.user == user) & (Membership.org == room)))
    race.exactly(1, len(held), "roles")
    race.entries(1, "accounts.give_role")
    race.round.membership = held[0]


def ended_role(race: Race) -> None:
    user, held = race.round.user, race.round.membership
    race.one_wins(race.fire(race.world.officers, f"/accounts/{user.id}/roles/{held.id}/end", lambda n: {}), told=(400, 404))
    race.exactly(0, Membership.select().where((Membership.id == held.id) & Membership.ends_on.is_null()).count(), "roles")
    race.entries(1, "accounts.end_role")


def disabled_while_signing_in(race: Race) -> None:
    """Three devices sign in while two administrators close the account: afterwards no device is in."""
    user = make_user(race.world, "teacher", race.world.school, f"leaver-{race.round.number}")
    strangers = doorsteps(race.world.base_url, 3)
    enter = {"username": user.username, "password": factories.PASSWORD}
    shots = [Shot(stranger, "/sign-in", enter) for stranger in strangers]
    shots += [Shot(officer, f"/accounts/{user.id}/disable", {"reason": "已调离"}) for officer in race.world.officers[:2]]
    answers = volley(race.world.base_url, shots)
    race.seen(answers)
    race.one_wins(answers[3:])
    race.true(all(answer.status in (303, 400) for answer in answers[:3]), f"answers {sorted(answer.status for answer in answers[:3])}")
    cookies = [answer.cookie for answer in answers[:3] if answer.status == 303]
    inside = [page for page in looked_at(race.world.base_url, "/me", cookies) if page.status == 200]
    race.exactly(0, len(inside), "devices of a closed account are in")
    race.entries(1, "accounts.disable_user")


def guesses(race: Race) -> None:
    """Sixty-four wrong passwords at once: five are looked at, each on record once; then the right one is no use either."""
    user = make_user(race.world, "teacher", race.world.school, f"guessed-{race.round.number}")
    stranger = doorsteps(race.world.base_url, 1)[0]
    answers = race.fire([stranger] * GUESSES, "/sign-in", lambda n: {"username": user.username, "password": f"Wrong-password-{n}"})
    race.true(all(answer.status in (400, 429) for answer in answers), f"answers {sorted({answer.status for answer in answers})}")
    race.exactly(5, SignInAttempt.select().where((SignInAttempt.account == user.username) & ~SignInAttempt.succeeded).count(), "guesses counted")
    race.true(sum(answer.status == 400 for answer in answers) < 5, "as many were told no more than wrong as may guess")
    race.entries(5, "accounts.refuse_sign_in")
    right = race.fire([stranger], "/sign-in", lambda n: {"username": user.username, "password": factories.PASSWORD})
    race.true(right[0].status == 429, f"the right password after them is answered {right[0].status}")
    race.exactly(0, UserSession.select().where(UserSession.user == user).count(), "sessions")


RACES = (
    same_batch, paid_at_once, paid_from_two_batches, payment_sent_again, edited_payment, imports_and_hands, imports_and_hands, committed_at_once,
    started_twice, same_list_twice, registered_child, same_username, same_role, ended_role, disabled_while_signing_in, guesses,
)  # fmt: skip
