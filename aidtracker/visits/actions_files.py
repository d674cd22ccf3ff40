"""Photos and signatures of a visit that stands: added, removed, looked at, forgotten after their time."""

import datetime

from aidtracker.attachments.keeping import forget
from aidtracker.attachments.models import PHOTO, SIGNATURE, Attachment
from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.policies.queries import number_of
from aidtracker.terms.years import refuse_closed_year
from aidtracker.visits.actions import moved_on, stale, told, version_of
from aidtracker.visits.evidence import Ready, most_photos
from aidtracker.visits.files import attach, take_back_removed
from aidtracker.visits.models import Visit, VisitFile
from aidtracker.visits.queries import may_edit
from aidtracker.visits.queries_files import files_of, may_remove

AT_ONCE = 200
A_YEAR = datetime.timedelta(days=366)


def complete_visit(*, visit: Visit, files: list[Ready], by) -> None:
    """What the record named from its beginning and had not brought yet; nothing when all of it is there."""
    with transaction():
        lock("files of visit", visit.id)  # two tabs of one phone
        if kinds := attach(visit, files):
            told("complete_visit", visit, by, dict.fromkeys(kinds))


def add_files(*, visit: Visit, revision: int, files: list[Ready], by) -> None:
    """As an edit: what was sent back waits for verification again. Refused: nothing new, more than the county keeps, a second signature."""
    if not may_edit(by, visit):
        raise Forbidden("只有记录人、学校管理员或上级能修改这条家访。")
    if visit.state == "verified":
        raise Refused("这条家访已核实，不能再改。如有错误，请联系核实的人。")
    if not files:
        raise Refused("请先选照片，或者请监护人签字。")
    refuse_closed_year(visit.county_id, visit.on)
    if revision != visit.revision:
        raise stale(visit)
    former = version_of(visit, by)
    with transaction():
        if not moved_on(visit, {"state": "recorded", "checked_by": None, "checked_at": None}):
            raise stale(Visit.get_by_id(visit.id))
        refuse_too_many(visit, files)
        former.save(force_insert=True)
        take_back_removed(visit, files)
        kinds = attach(visit, files)
        if not kinds:
            raise Refused("这些照片已经在这条家访里了。")
        told("add_files", visit, by, dict.fromkeys(kinds))


def refuse_too_many(visit: Visit, files: list[Ready]) -> None:
    kinds = [file.kind for file in files_of(visit)] + [file.kind for file in files]
    if kinds.count(PHOTO) > most_photos(visit.county_id):
        raise Refused("一次家访最多放 %(most)s 张照片。请去掉几张再保存。", most=most_photos(visit.county_id))
    if kinds.count(SIGNATURE) > 1:
        raise Refused("已经有签字了。要重签，请先删除原来的签字。")


def remove_file(*, visit: Visit, file: Attachment, by) -> None:
    """For good: its key is destroyed, so that no copy of it opens any more. Of whoever mends the visit it is an edit."""
    if not may_remove(by, visit):
        raise Forbidden("照片由记录人在核实前删除，核实后由乡镇专干或教育局删除。")
    is_edit = visit.state != "verified" and may_edit(by, visit)
    former = version_of(visit, by)
    with transaction():
        if is_edit:
            if not moved_on(visit, {"state": "recorded", "checked_by": None, "checked_at": None}):
                raise stale(Visit.get_by_id(visit.id))
            former.save(force_insert=True)
        forget([file.id])
        told("remove_file", visit, by, (file.kind,))


def view_file(*, visit: Visit, file: Attachment, by) -> None:
    """Before it is sent: each opening of a photo or signature is on record."""
    with transaction():
        told("view_file", visit, by, (file.kind,))


def forget_old_files() -> None:
    """What the site does by itself: photos whose years are over, as each county sets them. 0 years: they stay."""
    for county in Org.select().where(Org.kind == "county"):
        years = number_of("photo_years", county.id, today_in_china())
        if years:
            forget_files(county=county, before=utcnow() - A_YEAR * years, by=None)


def forget_files(*, county: Org, before: datetime.datetime, by) -> None:
    """A part at a time: what is left follows half a minute later."""
    asked = VisitFile.select(VisitFile.attachment).join(Visit).switch(VisitFile).join(Attachment)
    old = asked.where((Visit.county == county) & Attachment.removed_at.is_null() & (Attachment.added_at < before)).limit(AT_ONCE)
    ids = [id_ for (id_,) in old.tuples()]
    if ids:
        with transaction():
            forget(ids)
            record(action="visits.forget_files", by=by, object_kind="visit", count=len(ids), county_id=county.id)
