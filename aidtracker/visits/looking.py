"""The visits of the last weeks as oddities.py wants them, read set by set; and whose photos were used for another visit too."""

import datetime

import peewee

from aidtracker.attachments.models import PHOTO, Attachment
from aidtracker.attendance.models_warnings import WarningRound
from aidtracker.crypto.field import unsealed_column
from aidtracker.db import CHINA, as_time, china_time, chunks_of
from aidtracker.policies.queries import policies_of
from aidtracker.students.models import Guardian, Student
from aidtracker.visits.models import TUTORING, Visit, VisitFile, VisitStudent
from aidtracker.visits.models_papers import Paper
from aidtracker.visits.oddities import GENERIC, Bounds, Found, Seen
from aidtracker.visits.queries_files import files_of, twins_of
from aidtracker.visits.quotas import BETWEEN
from aidtracker.visits.records import SEALED

LOOKBACK = datetime.timedelta(days=45)
KEYS = ("visit_earliest", "visit_latest", "visits_an_hour", "same_words_length")
COLUMNS = (Visit.id, Visit.uid, Visit.on, Visit.starts_at, Visit.minutes, Visit.form, Visit.place, Visit.teachers, Visit.recorded_at)
COLUMNS += (Visit.at_home, Visit.views, Visit.agreed)


def bounds_of(county_id: int, today: datetime.date) -> Bounds:
    found = policies_of(KEYS, county_id, today)
    return Bounds(str(found["visit_earliest"]), str(found["visit_latest"]), int(found["visits_an_hour"]), int(found["same_words_length"]))


def since_of(today: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(today - LOOKBACK, datetime.time()) - CHINA


def since_last_round(county_id: int, today: datetime.date) -> datetime.datetime:
    """The night before this one, however many were missed since."""
    last = WarningRound.select(peewee.fn.MAX(WarningRound.made_at)).where((WarningRound.county == county_id) & (WarningRound.on < today)).scalar()
    return as_time(last) or since_of(today)


def recorded_since(county_id: int, since: datetime.datetime):
    """A condition on Visit; what came in a workbook is history."""
    return (Visit.county == county_id) & ~Visit.is_imported & (Visit.recorded_at >= since)


def visits_seen(county_id: int, today: datetime.date) -> list[Seen]:
    recent = recorded_since(county_id, since_of(today))
    families, schools = families_of(recent)
    papers = {id_ for (id_,) in Paper.select(Paper.visit).join(Visit).where(recent).tuples()}
    opened = {name: unsealed_column(getattr(Visit, name)) for name in SEALED}
    found = []
    for id_, uid, on, starts_at, minutes, form, place, teachers, recorded_at, *sealed in Visit.select(*COLUMNS).where(recent).tuples():
        texts = tuple((name, opened[name](uid, value)) for name, value in zip(SEALED, sealed, strict=True) if value)
        who = frozenset((schools.get(id_), name) for name in BETWEEN.split(teachers) if name and name not in GENERIC)
        at_door = form == "on_site" or (form == TUTORING and place != "online")
        found.append(Seen(id_, on, starts_at, minutes, at_door, who, families.get(id_, frozenset()), texts, china_time(recorded_at), id_ in papers))
    return found


def families_of(recent) -> tuple[dict[int, frozenset], dict[int, int]]:
    """({visit: marks of its home}, {visit: its school}): a pupil, the household that was put together, a guardian's phone."""
    marks: dict[int, set] = {}
    schools: dict[int, int] = {}
    pupils = VisitStudent.select(VisitStudent.visit, VisitStudent.student, VisitStudent.school, Student.household).join(Visit).switch(VisitStudent).join(Student)
    of: dict[int, list[int]] = {}
    for visit_id, student_id, school_id, household_id in pupils.where(recent).tuples():
        marks.setdefault(visit_id, set()).update({("pupil", student_id)} | ({("household", household_id)} if household_id else set()))
        schools.setdefault(visit_id, school_id)
        of.setdefault(student_id, []).append(visit_id)
    for some in chunks_of(list(of)):
        phones = Guardian.select(Guardian.student, Guardian.phone_index).where(Guardian.student.in_(some) & Guardian.phone_index.is_null(False))
        for student_id, phone in phones.tuples():
            for visit_id in of[student_id]:
                marks[visit_id].add(("phone", bytes(phone)))
    return {id_: frozenset(found) for id_, found in marks.items()}, schools


def photos_used_twice(visits) -> list[Found]:
    """By the same rule that the page of a visit follows."""
    found = []
    for visit in visits:
        others = {twin.visit_id for twin in twins_of(visit, files_of(visit))}
        if others:
            found.append(Found("same_photo", visit.id, tuple(sorted(others))))
    return found


def with_new_photos(county_id: int, since: datetime.datetime):
    """Visits to which a photo came since."""
    fresh = VisitFile.select(VisitFile.visit).join(Attachment).where((Attachment.added_at >= since) & Attachment.removed_at.is_null() & (Attachment.kind == PHOTO))
    return Visit.select().where((Visit.county == county_id) & Visit.id.in_(fresh))
