"""Upload, commit, discard: what a person does with a workbook; the work itself runs as a job."""

import datetime
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from aidtracker.accounts.models import User
from aidtracker.audit.actions import record
from aidtracker.census.models import ListKind
from aidtracker.crypto.drafts import forget_drafts, plain_draft
from aidtracker.crypto.files import seal_file, unseal_file
from aidtracker.db import chunks_of, new_uid, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.excel.plans import Plan
from aidtracker.excel.writer import refused_rows, write_refused_sheets
from aidtracker.imports.intake import commit_plan, plan_tables, read_file, strange_headings
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.imports.queries import meant_by
from aidtracker.jobs.actions import enqueue
from aidtracker.jobs.files import result_file
from aidtracker.jobs.kinds import job_kind
from aidtracker.jobs.queries import job_or_none
from aidtracker.jobs.running import progress
from aidtracker.phrases import Phrase, packed

COMMIT = "imports.commit_workbook"
ENDINGS = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".tsv")
OVER = ("committed", "discarded")  # their file is deleted
SHOWN_PROBLEMS = 2000  # of a hopeless file; the workbook of refused rows has them all
_folder: Path | None = None


def configure(instance: Path) -> None:
    global _folder
    _folder = Path(instance) / "uploads"
    forget_drafts(folder())


def folder() -> Path:
    if _folder is None:
        raise RuntimeError("imports.actions.configure(instance) comes first")
    _folder.mkdir(mode=0o700, exist_ok=True)
    return _folder


class Kept(NamedTuple):
    """An uploaded file, sealed on the disk and not yet anybody's import."""

    uid: str
    sha256: str
    size: int
    file_name: str


def keep_upload(stream, file_name: str) -> Kept:
    """Hashes and seals what is sent, before any transaction: a big file must not hold the write lock."""
    uid, digest = new_uid(), hashlib.sha256()
    with draft_like(file_name) as draft:
        with draft.open("wb") as target:
            while piece := stream.read(1024 * 1024):
                digest.update(piece)
                target.write(piece)
        size = draft.stat().st_size
        if not size:
            raise Refused("文件「%(name)s」是空的。请核对后重新上传。", name=printable(file_name))
        with draft.open("rb") as plain, (folder() / uid).open("xb") as sealed:
            seal_file(f"import|{uid}", plain, sealed)
    return Kept(uid, digest.hexdigest(), size, printable(file_name))


def drop_upload(kept: Kept) -> None:
    """The upload was refused, or sent a second time."""
    (folder() / kept.uid).unlink(missing_ok=True)


def upload_workbook(
    *, kind: str, kept: Kept, school_year: int | None, by: User, dated: datetime.date | None = None
) -> ImportFile:
    """Starts the check of a kept file. Nothing of it is believed yet."""
    return upload_workbooks(kind=kind, kept=[kept], school_year=school_year, by=by, dated=dated)[0]


def upload_workbooks(
    *, kind: str, kept: list[Kept], school_year: int | None, by: User, dated: datetime.date | None = None, list_kind: ListKind | None = None
) -> list[ImportFile]:
    """Several schools' files at once, each checked by itself; together they are a batch, called after its first file."""
    if not by.may(KINDS[kind].permission):
        raise Forbidden("你没有导入「%(kind)s」的权限。", kind=Phrase(KINDS[kind].label))
    batch = kept[0].uid if len(kept) > 1 else ""
    with transaction():
        files = [ImportFile.create(kind=kind, school_year=school_year, dated=dated, list_kind=list_kind, by=by, batch_uid=batch, **each._asdict()) for each in kept]
        for file in files:
            set_job(file, enqueue(kind="imports.check_workbook", args={"uid": file.uid}, by=by))
        record(action="imports.upload_workbook", by=by, object_kind="import", object_id=kept[0].uid, reason=kind, count=len(kept))
    return files


def keep_command_import(*, kind: str, path: Path, plan: Plan, school_year: int | None, dated: datetime.date | None, by: User, list_kind: ListKind | None = None) -> ImportFile:
    """A workbook that the server's operator brings in: it stands in the history with its hash and can be undone like any other."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    values = {"file_name": printable(path.name), "sha256": digest, "size": path.stat().st_size, "school_year": school_year, "dated": dated, "list_kind": list_kind}
    with transaction():
        file = ImportFile.create(kind=kind, by=by, **values)
        record(action="imports.commit_import", by=by, object_kind="import", object_id=file.uid, reason=kind)
    return file


def end_command_import(*, file: ImportFile, plan: Plan) -> None:
    end_file(file, "uploaded", "committed", short_outcome(plan, file.kind))


def commit_import(*, file: ImportFile, by: User) -> None:
    """Saves the good rows of a checked workbook, as a job; refused rows stay out and are given back."""
    with transaction():
        if file.by_id != by.id or file.state != "checked" or is_being_saved(file):
            raise Refused("这个文件现在不能导入，请刷新页面看看它的状态。")
        job = enqueue(kind=COMMIT, args={"uid": file.uid}, by=by)
        if not ImportFile.update(job_uid=job.uid).where(unchanged(file) & (ImportFile.state == "checked")).execute():
            raise Refused("这个文件现在不能导入，请刷新页面看看它的状态。")
        record(action="imports.commit_import", by=by, object_kind="import", object_id=file.uid, reason=file.kind)


def commit_batch(*, files: list[ImportFile], by: User) -> int:
    """Every checked file of a batch that has something to write; returns how many. Each runs as a job of its own."""
    with transaction():
        ready = [file for file in files if file.state == "checked" and file.outcome["created"] + file.outcome["updated"]]
        if not ready:
            raise Refused("这批文件里没有可以导入的。请逐个查看结果。")
        for file in ready:
            commit_import(file=file, by=by)
    return len(ready)


def discard_import(*, file: ImportFile, by: User) -> None:
    """Deletes the stored workbook; what it would have changed stays unchanged."""
    with transaction():
        waiting = unchanged(file) & ImportFile.state.in_(("uploaded", "checked", "failed"))
        if is_being_saved(file) or not ImportFile.update(state="discarded").where(waiting).execute():
            raise Refused("这个文件已经导入，不能放弃。")
        record(action="imports.discard_import", by=by, object_kind="import", object_id=file.uid, reason=file.kind)
    (folder() / file.uid).unlink(missing_ok=True)


def is_being_saved(file: ImportFile) -> bool:
    """Its commit waits or runs."""
    job = job_or_none(file.job_uid, file.by_id)
    return job is not None and job.kind == COMMIT and not job.is_over


def unchanged(file: ImportFile):
    """A condition: nobody gave the file another job since it was read, so that one of two decisions wins."""
    return (ImportFile.id == file.id) & (ImportFile.job_uid == file.job_uid)


def printable(file_name: str) -> str:
    """As the sender called it, without folders and what no page can show."""
    return "".join(letter for letter in Path(file_name).name if letter.isprintable())[:200]


def set_job(file: ImportFile, job) -> None:
    ImportFile.update(job_uid=job.uid).where(ImportFile.id == file.id).execute()
    file.job_uid = job.uid


@job_kind("imports.check_workbook", "检查导入文件")
def check_workbook(job, uid):
    file, user = ImportFile.get(ImportFile.uid == uid), User.get_by_id(job.owner_id)
    if file.state not in ("uploaded", "checked"):
        return {}
    try:
        plan, tables = plan_file(file, user)
    except Refused as refused:
        said = {"message": refused.message, "said": packed(Phrase(refused.text, **refused.params))}
        end_file(file, "uploaded", "failed", said | {"headings": headings_in(file)})
        raise
    if plan.refused:
        with result_file(job, f"有问题的行_{Path(file.file_name).stem}.xlsx") as path:
            give_back(plan, tables, path)
    end_file(file, file.state, "checked", short_outcome(plan, file.kind) | preview_of(plan, file, user) | conflicts_of(plan, file) | {"headings": headings_in(file)})
    return {"url": f"/imports/{uid}"}


@job_kind(COMMIT, "导入")
def commit_workbook(job, uid):
    file, user = ImportFile.get(ImportFile.uid == uid), User.get_by_id(job.owner_id)
    if file.state != "checked":
        return {}
    plan, tables = plan_file(file, user)
    commit_plan(KINDS[file.kind], plan, by=user, progress=lambda done, total: progress(job, done, total), uid=uid)
    if plan.refused:
        with result_file(job, f"没有导入的行_{Path(file.file_name).stem}.xlsx") as path:
            give_back(plan, tables, path)
    kept = {name: file.outcome[name] for name in ("preview", "headings", "choices") if name in (file.outcome or {})}
    end_file(file, "checked", "committed", short_outcome(plan, file.kind) | kept)
    (folder() / uid).unlink(missing_ok=True)
    return {"url": f"/imports/{uid}"}


def plan_file(file: ImportFile, user: User):
    kind = KINDS[file.kind]
    with opened(file) as path:
        tables = read_file(kind, path, file.file_name, meant_by(user, file.kind))
    choices = (file.outcome or {}).get("choices", {})
    return plan_tables(kind, tables, by=user, school_year=file.school_year, on=file.dated, choices=choices, list_kind=file.list_kind), tables


def headings_in(file: ImportFile) -> dict:
    """What stands in the header of the file and means nothing to us, and what it lacks."""
    with opened(file) as path:
        return strange_headings(KINDS[file.kind], path, file.file_name, meant_by(file.by, file.kind))


def conflicts_of(plan: Plan, file: ImportFile) -> dict:
    choices = (file.outcome or {}).get("choices", {})
    return ({"conflicts": plan.conflicts} if plan.conflicts else {}) | ({"choices": choices} if choices else {})


def preview_of(plan: Plan, file: ImportFile, user: User) -> dict:
    preview = KINDS[file.kind].preview
    return {"preview": preview(plan, by=user, before=previews_today(file, user))} if preview else {}


def previews_today(file: ImportFile, user: User) -> list[dict]:
    """What the checks of the same person's other files of the last day showed."""
    since = utcnow() - datetime.timedelta(days=1)
    same = (ImportFile.kind == file.kind) & (ImportFile.by == user) & (ImportFile.id != file.id) & (ImportFile.created_at >= since)
    return [(each.outcome or {}).get("preview", {}) for each in ImportFile.select().where(same)]


def end_file(file: ImportFile, before: str, after: str, outcome: dict) -> None:
    values = {"state": after, "found": file.sealed(outcome)}
    if after == "committed":
        values["committed_at"] = utcnow()
    with transaction():
        ImportFile.update(values).where((ImportFile.id == file.id) & (ImportFile.state == before)).execute()


def short_outcome(plan: Plan, kind: str) -> dict:
    outcome = plan.outcome(kind)
    outcome["problems_in_all"] = len(outcome["problems"])
    outcome["problems"] = [problem | {"said": packed(problem["message"])} for problem in outcome["problems"][:SHOWN_PROBLEMS]]
    return outcome


def give_back(plan: Plan, tables, path) -> None:
    """A workbook of the refused rows, sheet by sheet, as the sender wrote them, with the reasons."""
    sheets = [(t.sheet, t.raw_headings, list(refused_rows(t, plan.problems))) for t in tables]
    write_refused_sheets([sheet for sheet in sheets if sheet[2]], path)


@contextmanager
def opened(file: ImportFile):
    """The workbook in the clear, for as long as it is read."""
    with draft_like(file.file_name) as draft:
        with (folder() / file.uid).open("rb") as sealed, draft.open("wb") as plain:
            for piece in unseal_file(f"import|{file.uid}", sealed):
                plain.write(piece)
        yield draft


def sealed_files() -> Iterator[tuple[str, Path]]:
    """(place that it is sealed for, path) of each that lies here, whether or not a row names it."""
    for path in folder().iterdir():
        if re.fullmatch("[0-9a-f]{32}", path.name):
            yield f"import|{path.name}", path


def forget_leftovers() -> None:
    """Workbooks whose import is over, and which a process that was killed left here."""
    found = {path.name: path for _place, path in sealed_files()}
    for chunk in chunks_of(list(found)):
        over = ImportFile.select(ImportFile.uid).where(ImportFile.uid.in_(chunk) & ImportFile.state.in_(OVER))
        for (uid,) in over.tuples():
            found[uid].unlink(missing_ok=True)


def draft_like(file_name: str):
    """In the clear, with an ending by which a workbook is known."""
    forget_drafts(folder())
    suffix = Path(file_name).suffix
    return plain_draft(folder(), suffix if suffix.lower() in ENDINGS else "")
