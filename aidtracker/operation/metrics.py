"""Figures for a monitoring server, as Prometheus reads them; all from the database and the disk, so that any worker can answer."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from aidtracker.config import Settings
from aidtracker.db import run_sql, today_in_china, utcnow
from aidtracker.jobs.models import Job
from aidtracker.operation.queries import last_failed, last_good
from aidtracker.operation.status import A_DAY, free_bytes

COUNTS = {
    "aidtracker_rolls_today": ("Rolls handed in for today", "SELECT COUNT(*) FROM roll_call WHERE on_day = ?", lambda: (today_in_china(),)),
    "aidtracker_sessions_seen_today": ("Devices seen within a day", "SELECT COUNT(*) FROM user_session WHERE seen_at > ?", lambda: (utcnow() - A_DAY,)),
    "aidtracker_guesses_failed_today": (
        "Failed sign-ins within a day",
        "SELECT COUNT(*) FROM sign_in_attempt WHERE succeeded = ? AND at > ?",
        lambda: (False, utcnow() - A_DAY),
    ),
}


class Figures(Collector):
    def __init__(self, settings: Settings):
        self.settings = settings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        good, failed = last_good(), last_failed()
        age = (utcnow() - good.made_at).total_seconds() if good else float("inf")
        yield GaugeMetricFamily("aidtracker_backup_age_seconds", "Since the last backup that could be opened again", value=age)
        newest_failed = bool(failed and (good is None or failed.made_at > good.made_at))
        yield GaugeMetricFamily("aidtracker_backup_failed", "1 while the latest attempt failed", value=int(newest_failed))
        disks = GaugeMetricFamily("aidtracker_disk_free_bytes", "Room left", labels=("folder",))
        for name, folder in (("instance", self.settings.instance), ("backups", self.settings.backup_folder)):
            disks.add_metric((name,), free_bytes(folder.resolve())[0])
        yield disks
        jobs = GaugeMetricFamily("aidtracker_jobs", "Long work that is not over", labels=("state",))
        for state in ("queued", "running"):
            jobs.add_metric((state,), Job.select().where(Job.state == state).count())
        yield jobs
        for name, (what, statement, values) in COUNTS.items():
            yield GaugeMetricFamily(name, what, value=int(run_sql(statement, values()).fetchone()[0]))


def exposition(settings: Settings) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(settings))
    return generate_latest(registry)
