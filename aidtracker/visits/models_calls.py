"""CallDraw (which share of a month's visits at a place is phoned back, 回访抽查), CallBack (one visit that was drawn), CallMade (one call about it)."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.crypto.field import EncryptedField
from aidtracker.db import BaseModel, utcnow
from aidtracker.orgs.models import Org
from aidtracker.visits.models import Visit

TALKED = {"confirmed": "情况属实", "denied": "情况不属实", "declined": "家长不愿意说"}
CALL_OUTCOMES = {**TALKED, "no_answer": "无人接听", "wrong_number": "号码错误或停机"}
OPEN = {"waiting": "还没打", "again": "要再打"}
LONGEST = {"spoke_to": 100, "remark": 500}
CALL_STATES = {**OPEN, **TALKED, "unreached": "联系不上"}


class CallDraw(BaseModel):
    """Of each month one of the county itself, also where nothing was recorded: it says that the month was drawn."""

    county = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)
    place = peewee.ForeignKeyField(Org, backref="+", on_delete="RESTRICT", index=False)  # a school or township; the county: of pupils at none
    month = peewee.CharField(max_length=7)  # 2026-11, in which the visits were recorded
    visits = peewee.IntegerField()
    drawn = peewee.IntegerField()
    share = peewee.SmallIntegerField()  # %, as the county asked for it
    drawn_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        table_name = "call_draw"
        indexes = ((("place", "month"), True),)


class CallBack(BaseModel):
    draw = peewee.ForeignKeyField(CallDraw, backref="call_backs", on_delete="RESTRICT", index=False)
    visit = peewee.ForeignKeyField(Visit, unique=True, backref="+", on_delete="RESTRICT")
    state = peewee.CharField(max_length=10, default="waiting")  # of CALL_STATES; the latest call says
    tries = peewee.SmallIntegerField(default=0)  # calls so far

    class Meta:
        table_name = "call_back"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class CallMade(BaseModel):
    """Stays as it is: whoever heard something else later makes another one."""

    call_back = peewee.ForeignKeyField(CallBack, backref="calls", on_delete="RESTRICT", index=False)
    number = peewee.SmallIntegerField()
    outcome = peewee.CharField(max_length=12)
    spoke_to = peewee.CharField(max_length=100, default="")
    remark = EncryptedField("note", null=True)
    called_by = peewee.ForeignKeyField(User, backref="+", on_delete="RESTRICT", index=False)
    called_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        table_name = "call_made"
        indexes = ((("call_back", "number"), True),)

    @property
    def uid(self) -> str:
        return f"{self.call_back_id}-{self.number}"
