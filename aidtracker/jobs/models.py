"""Job: one piece of long work, from the request to the file that is fetched."""

import peewee

from aidtracker.db import BaseModel, new_uid, utcnow


class Job(BaseModel):
    """The row is the truth; the queue only wakes a worker up, so a lost message loses no work."""

    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    kind = peewee.CharField(max_length=40)  # room.verb_object, as registered by job_kind()
    state = peewee.CharField(max_length=10, default="queued")  # queued, running, done, failed
    owner_id = peewee.IntegerField()  # user; accounts stand below on the floor plan
    args = peewee.JSONField(default=dict)  # ids and choices, never names or numbers of persons
    attempts = peewee.SmallIntegerField(default=0)
    done = peewee.IntegerField(default=0)
    total = peewee.IntegerField(default=0)  # 0 while it is not known
    message = peewee.TextField(default="")  # fit to show, in Chinese
    result = peewee.JSONField(null=True)
    result_file = peewee.TextField(null=True)  # name of the sealed file in the folder of results
    download_name = peewee.TextField(null=True)
    created_at = peewee.DateTimeField(default=utcnow)
    started_at = peewee.DateTimeField(null=True)
    finished_at = peewee.DateTimeField(null=True)
    heartbeat_at = peewee.DateTimeField(null=True)
    expires_at = peewee.DateTimeField(null=True)  # of the file

    class Meta:
        indexes = ((("owner_id", "created_at"), False),)

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")
