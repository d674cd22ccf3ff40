"""How the site is: a line for each thing that keeps it alive, good, to be looked at, or bad, and what to do about it."""

import datetime
import shutil
from dataclasses import dataclass
from pathlib import Path

from aidtracker.config import Settings
from aidtracker.db import china_time, run_sql, today_in_china, utcnow
from aidtracker.jobs.models import Job
from aidtracker.operation.migration import FOLDER
from aidtracker.operation.models import Backup
from aidtracker.operation.queries import is_demo, is_on_paper, last_failed, last_good, paper_key
from aidtracker.orgs.models import Org
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.practice import is_practice
from aidtracker.terms.calendar import school_days

OLD, TOO_OLD = datetime.timedelta(hours=30), datetime.timedelta(hours=54)  # of the last good backup: one missed, two missed
LITTLE, TOO_LITTLE = 2 * 1024**3, 512 * 1024**2  # bytes left on a disk
A_DAY = datetime.timedelta(days=1)
WAITS_LONG = datetime.timedelta(minutes=10)
LOOKED_BACK = datetime.timedelta(days=120)  # for the last school days, over a summer
MB = 1024**2
# Schools with pupils that have not reported since a day; teachers in use who were not seen since a moment.
SILENT_SCHOOLS = """SELECT o.id, o.name FROM org o WHERE o.kind = 'school' AND o.county_id = ? AND o.closed_on IS NULL
AND EXISTS (SELECT 1 FROM school_class c JOIN student s ON s.class_org_id = c.org_id WHERE c.school_id = o.id)
AND NOT EXISTS (SELECT 1 FROM day_sum d WHERE d.school_id = o.id AND d.on_day >= ?) ORDER BY o.code"""
SILENT_TEACHERS = """SELECT COUNT(DISTINCT u.id) FROM user_account u JOIN membership m ON m.user_id = u.id JOIN org o ON o.id = m.org_id
WHERE m.role = 'teacher' AND o.county_id = ? AND u.disabled_at IS NULL AND (m.ends_on IS NULL OR m.ends_on >= ?)
AND NOT EXISTS (SELECT 1 FROM user_session s WHERE s.user_id = u.id AND s.seen_at >= ?)"""


@dataclass(frozen=True)
class Line:
    """`state`: ok, warn or bad, as tags are; `advice` is '' while there is nothing to do."""

    title: str
    state: str
    words: Phrase | str
    advice: str = ""


@dataclass(frozen=True)
class Silence:
    """Of a county: who has not been heard of for `days` school days."""

    county: Org
    days: int
    schools: list[tuple[int, str]]
    teachers: int


def lines_of(settings: Settings) -> list[Line]:
    """A demo and a practice installation make no backups."""
    if is_demo() or is_practice():
        return [disk_line(Phrase("数据盘"), settings.instance.resolve()), job_line(), database_line(settings)]
    return [backup_line(settings, utcnow()), *disk_lines(settings), job_line(), database_line(settings), key_line(settings)]


def backup_line(settings: Settings, now: datetime.datetime) -> Line:
    good, failed = last_good(), last_failed()
    if good is None:
        return Line("备份", "bad", failed_words(failed) if failed else Phrase("还没有备份"), Phrase("请马上做一次备份，再看设置里的备份时间和文件夹。"))
    words = Phrase("最近一次 %(at)s，%(size)s MB，已打开核对", at=wall(good.made_at), size=f"{good.size / MB:,.1f}")
    if failed and failed.made_at > good.made_at:
        return Line("备份", "bad", failed_words(failed), Phrase("请按原因处理，再做一次备份。"))
    if settings.backup_hour is None:
        return Line("备份", "warn", words, Phrase("自动备份没有打开：请去掉 AIDTRACKER_BACKUP_HOUR=off，或用自己的办法每天运行 backup 命令。"))
    age = now - good.made_at
    if age < OLD:
        return Line("备份", "ok", words)
    return Line("备份", "warn" if age < TOO_OLD else "bad", words, Phrase("已经错过备份时间：请看网站是否一直在运行，备份文件夹能不能写。"))


def failed_words(failed: Backup) -> Phrase:
    return Phrase("%(at)s 没有做成：%(why)s", at=wall(failed.made_at), why=failed.problem)


def wall(at: datetime.datetime) -> str:
    return f"{china_time(at):%Y-%m-%d %H:%M}"


def disk_lines(settings: Settings) -> list[Line]:
    """The disk of the database, and that of the backups where it is another one."""
    folders = {Phrase("数据盘"): settings.instance.resolve(), Phrase("备份盘"): settings.backup_folder.resolve()}
    disks: dict[tuple[int, int], Line] = {}
    for title, folder in folders.items():
        disks.setdefault(free_bytes(folder), disk_line(title, folder))
    same = [] if len(disks) > 1 else [Line("备份的位置", "warn", Phrase("备份和数据在同一块盘上"), Phrase("盘坏了两样都没有：请把 AIDTRACKER_BACKUPS 设到另一块盘，或每天把备份下载到别处。"))]
    return [*disks.values(), *same]


def disk_line(title: str, folder: Path) -> Line:
    free, whole = free_bytes(folder)
    words = Phrase("剩 %(free)s GB，共 %(whole)s GB", free=f"{free / 1024**3:,.1f}", whole=f"{whole / 1024**3:,.1f}")
    if free > LITTLE:
        return Line(title, "ok", words)
    return Line(title, "warn" if free > TOO_LITTLE else "bad", words, Phrase("请腾出空间：满了以后什么都保存不了。"))


def free_bytes(folder: Path) -> tuple[int, int]:
    """(free, whole) of the disk that the folder is, or will be, on."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def job_line() -> Line:
    """Work that waits too long means that no worker runs."""
    now = utcnow()
    waiting = Job.select().where((Job.state == "queued") & (Job.created_at < now - WAITS_LONG)).count()
    failed = Job.select().where((Job.state == "failed") & (Job.finished_at > now - A_DAY)).count()
    words = Phrase("%(waiting)s 个等了 10 分钟以上，一天内 %(failed)s 个没有做成", waiting=waiting, failed=failed)
    if waiting:
        return Line("导入、导出等任务", "bad", words, Phrase("请重启网站；还是这样，看日志里 job worker 的一行。"))
    return Line("导入、导出等任务", "ok", words)


def database_line(settings: Settings) -> Line:
    version = max(path.stem for path in FOLDER.glob("0*.py"))[:4]
    if settings.sqlite_path is None:
        size = int(run_sql("SELECT pg_database_size(current_database())").fetchone()[0])
        return Line("数据库", "ok", Phrase("PostgreSQL，%(size)s MB，结构版本 %(version)s", size=f"{size / MB:,.0f}", version=version))
    log = settings.sqlite_path.with_name(settings.sqlite_path.name + "-wal")
    sizes = {"size": f"{settings.sqlite_path.stat().st_size / MB:,.0f}", "log": f"{log.stat().st_size / MB if log.exists() else 0:,.0f}"}
    return Line("数据库", "ok", Phrase("SQLite，%(size)s MB，日志 %(log)s MB，结构版本 %(version)s", version=version, **sizes))


def key_line(settings: Settings) -> Line:
    at = paper_key()[1]
    if at and is_on_paper(settings.instance):
        return Line("密钥文件", "ok", Phrase("instance/kek，纸上的密钥 %(at)s 核对过", at=wall(at)))
    return Line("密钥文件", "warn", Phrase("instance/kek 还没有抄在纸上"), Phrase("备份里没有它，没有它备份也打不开：请打印密钥纸，分开保管。"))


def silence_of(county: Org) -> Silence | None:
    """None before there have been so many school days."""
    today = today_in_china()
    days = number_of("silent_days", county.id, today)
    past = school_days(today - LOOKED_BACK, today - A_DAY, county.id)[-days:]
    if len(past) < days:
        return None
    schools = list(run_sql(SILENT_SCHOOLS, (county.id, past[0])).fetchall())
    teachers = run_sql(SILENT_TEACHERS, (county.id, today, past[0])).fetchone()[0]
    return Silence(county, days, schools, teachers)
