"""Looking through every record of a county: once a day by itself, or when the bureau asks; findings keep the day they were first seen."""

import datetime
from collections import Counter

from aidtracker.audit.actions import record
from aidtracker.db import china_time, chunks_of, insert_rows, lock, run_many, run_sql, today_in_china, transaction, utcnow
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.kinds import job_kind
from aidtracker.orgs.models import Org
from aidtracker.students.models_quality import QualityFinding, QualitySum
from aidtracker.students.quality import KINDS, pupils_of
from aidtracker.students.search import counties

HOUR = 3  # in China, when nobody is at work
KIND = "students.check_quality"
FINDING = ("county_id", "school_id", "student_id", "kind", "found_on")
SUM = ("county_id", "school_id", "kind", "on_day", "number")


def check_quality(*, county_id: int, on: datetime.date, by=None) -> dict[str, int]:
    """Returns {kind: pupils}. What is mended goes, what stays keeps its day; the sums of the day are written anew."""
    found: dict[tuple[int, str], int | None] = {}
    sums: Counter = Counter()
    for pupil in pupils_of(county_id, on):
        sums[pupil.school_id, "pupils"] += 1
        for kind in pupil.kinds:
            found[pupil.id, kind] = pupil.school_id
            sums[pupil.school_id, kind] += 1
    with transaction():
        lock("quality", county_id)
        keep_findings(county_id, on, found)
        run_sql("DELETE FROM quality_sum WHERE county_id = ? AND on_day = ?", (county_id, on))
        day = on.isoformat()
        insert_rows(QualitySum, SUM, [(county_id, school, kind, day, number) for (school, kind), number in sums.items()])
        record(action="students.check_quality", by=by, object_kind="org", object_id=str(county_id), count=len(found), county_id=county_id)
    return {kind: sum(number for (_, each), number in sums.items() if each == kind) for kind in KINDS}


def keep_findings(county_id: int, on: datetime.date, found: dict) -> None:
    standing = {(student, kind): (id_, school) for id_, student, kind, school in run_sql("SELECT id, student_id, kind, school_id FROM quality_finding WHERE county_id = ?", (county_id,)).fetchall()}
    mended = [id_ for key, (id_, _) in standing.items() if key not in found]
    for some in chunks_of(mended):
        QualityFinding.delete().where(QualityFinding.id.in_(some)).execute()
    moved = [(found[key], id_) for key, (id_, school) in standing.items() if key in found and found[key] != school]
    run_many("UPDATE quality_finding SET school_id = ? WHERE id = ?", moved)
    day = on.isoformat()
    insert_rows(QualityFinding, FINDING, [(county_id, school, *key, day) for key, school in found.items() if key not in standing])


def check_quality_when_due() -> None:
    """What the server does twice a minute: almost always nothing."""
    if china_time(utcnow()).hour < HOUR:
        return
    today = today_in_china()
    done = {county for (county,) in QualitySum.select(QualitySum.county).where(QualitySum.on == today).distinct().tuples()}
    for county_id in counties():
        if county_id not in done:
            check_quality(county_id=county_id, on=today)


@job_kind(KIND, "检查数据质量", "名学生")
def run_check_quality(job, county_id):
    check_quality(county_id=county_id, on=today_in_china())
    return {"url": "/students/quality"}


def start_quality_check(*, counties: list[Org], by) -> None:
    """As a job for each: a large county takes half a minute."""
    with transaction():
        for county in counties:
            job = enqueue(kind=KIND, args={"county_id": county.id}, by=by)
            record(action="students.start_quality_check", by=by, object_kind="job", object_id=job.uid, county_id=county.id)
