"""Saving a county's staff: accounts without a password, records, roles given, changed and ended; one transaction, set by set."""

from aidtracker.accounts.actions import end_sessions_of, told_many
from aidtracker.accounts.actions_staff import Staffing
from aidtracker.accounts.invitations import NO_PASSWORD
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries import managed_elsewhere
from aidtracker.accounts.separation import TEXT, Span, first_apart, lasts_until, span_of, words_for
from aidtracker.accounts.staff import Person
from aidtracker.crypto.field import seal_values
from aidtracker.crypto.keyed_index import keyer, normalise_id
from aidtracker.db import chunks_of, insert_rows, new_uid, reserve_ids, run_many, today_in_china, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.jobs.actions import expire_results
from aidtracker.orgs.models import Org

FIELDS = ("name", "username", "staff_number", "phone", "role", "org", "starts_on", "ends_on")
DATED = "UPDATE membership SET starts_on = ?, ends_on = ?, duty = ? WHERE id = ?"


def save_staff(plan, *, by, progress=lambda done, total: None) -> None:
    """Ended homerooms come before the new ones, so that a class changes hands in one workbook."""
    work: Staffing = plan.payload
    if not (work.new or work.changed or work.roles or work.dated):
        return
    with transaction():
        given, dated = {person.id for person, *_ in work.roles if person.id}, {held.user_id for held, *_ in work.dated}
        end_sessions_of(sorted(given | dated), spared=managed_elsewhere(by, sorted(given - dated)))
        run_many(DATED, [(starts.isoformat(), ends and ends.isoformat(), duty, held.id) for held, starts, ends, duty in by_end(work.dated)])
        insert_people(work.new, by)
        change_people(work.changed)
        insert_roles(work.roles, by)
        refuse_meetings(work)
        for user_id in {held.user_id for held, _starts, ends, _duty in work.dated if ends and ends < today_in_china()}:
            expire_results(user_id)
        told_many("import_staff", by, FIELDS, plan.created + plan.updated)
    progress(plan.rows, plan.rows)


def refuse_meetings(work: Staffing) -> None:
    """Behind the locks of those who had an account: what was given since the workbook was checked counts too."""
    now_said = {(person.id, role, org_id) for person, role, org_id, *_ in work.roles} | {(held.user_id, held.role, held.org_id) for held, *_ in work.dated}
    today = today_in_china()
    for chunk in chunks_of(sorted({user_id for user_id, *_ in now_said})):
        held: dict[User, list[Span]] = {}
        rows = Membership.select(Membership, Org, User).join(Org).switch(Membership).join(User, on=Membership.user == User.id)
        for each in rows.where(Membership.user.in_(chunk) & lasts_until(today)).order_by(Membership.id):
            held.setdefault(each.user, []).append(span_of(each))
        for user, spans in held.items():
            for new in spans:
                found = first_apart(new, spans) if (user.id, new.role, new.org.id) in now_said else None
                if found is not None:
                    raise Refused(TEXT, **words_for(user.name, new, *found))


def by_end(dated: list) -> list:
    """Those that end come first."""
    return sorted(dated, key=lambda each: each[2] is None)


def insert_people(people: list[Person], by) -> None:
    now, by_id = str(utcnow()), by.id if by else None
    for id_, person in zip(reserve_ids(User, len(people)), people, strict=True):
        person.id, person.uid, person.record_uid = id_, new_uid(), new_uid()
    insert_rows(
        User,
        ("id", "uid", "username", "name", "password_hash", "must_change_password", "language", "epoch", "created_at", "created_by_id"),
        [(p.id, p.uid, p.username, p.name, NO_PASSWORD, False, "zh", 1, now, by_id) for p in people],
    )
    insert_records(people)


def insert_records(people: list[Person]) -> None:
    """New records; `changes` has the phone in the clear."""
    phones = [person.changes.get("phone") or None for person in people]
    sealed = seal_values(StaffRecord.phone, [person.record_uid for person in people], phones)
    index = keyer("index_phone")
    indexes = [index(normalise_id(phone)) if phone else None for phone in phones]
    insert_rows(
        StaffRecord,
        ("uid", "user_id", "county_id", "staff_number", "phone", "phone_index"),
        [(p.record_uid, p.id, p.county_id, p.staff_number, s, i) for p, s, i in zip(people, sealed, indexes, strict=True)],
    )


def change_people(people: list[Person]) -> None:
    """Another name, number or telephone; a record for whoever has none."""
    run_many("UPDATE user_account SET name = ? WHERE id = ?", [(p.changes["name"], p.id) for p in people if "name" in p.changes])
    told = [person for person in people if {"staff_number", "phone"} & set(person.changes)]
    without = [person for person in told if not person.record_uid]
    for person in without:
        person.record_uid, person.staff_number = new_uid(), person.changes.get("staff_number", "")
    with_record = [person for person in told if person not in without]
    insert_records(without)
    numbers = [(p.changes["staff_number"], p.id) for p in with_record if "staff_number" in p.changes]
    run_many("UPDATE staff_record SET staff_number = ? WHERE user_id = ?", numbers)
    calling = [person for person in with_record if "phone" in person.changes]
    sealed = seal_values(StaffRecord.phone, [p.record_uid for p in calling], [p.changes["phone"] for p in calling])
    rows = [(s, p.changes["phone_index"], p.id) for p, s in zip(calling, sealed, strict=True)]
    run_many("UPDATE staff_record SET phone = ?, phone_index = ? WHERE user_id = ?", rows)


def insert_roles(roles: list[tuple], by) -> None:
    now, by_id = str(utcnow()), by.id if by else None
    insert_rows(
        Membership,
        ("user_id", "role", "org_id", "starts_on", "ends_on", "duty", "reason", "given_by_id", "given_at"),
        [(p.id, role, org, starts.isoformat(), ends and ends.isoformat(), duty, "", by_id, now) for p, role, org, starts, ends, duty in roles],
    )
