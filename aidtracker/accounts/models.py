"""User, Membership (a role held at an org, from one date to another), UserSession, SignInAttempt."""

import datetime
from functools import cached_property

import peewee

from aidtracker.db import BaseModel, china_time, new_uid, today_in_china, utcnow
from aidtracker.orgs.models import Org
from aidtracker.permissions import COUNTY_ROLES, ROLES, Permission

DUTIES = {"homeroom": "班主任", "substitute": "代课", "acting": "代理"}  # as what a role is held


class User(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    username = peewee.CharField(max_length=60, unique=True)  # lower case
    name = peewee.CharField(max_length=100)
    password_hash = peewee.CharField(max_length=200)
    must_change_password = peewee.BooleanField(default=True)
    language = peewee.CharField(max_length=5, default="zh")
    password_set_at = peewee.DateTimeField(null=True)  # None: with the account
    is_exempt = peewee.BooleanField(default=False)  # of the demo, which tells its passwords: no second factor, and they do not age
    epoch = peewee.IntegerField(default=1)  # every change of role, password or state ends the sessions before it
    disabled_at = peewee.DateTimeField(null=True)
    created_at = peewee.DateTimeField(default=utcnow)
    created_by = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "user_account"  # "user" is a word of PostgreSQL's own

    is_authenticated = True
    is_anonymous = False
    session_token = ""  # of the device that this request came from
    has_second_factor = False  # known of whoever has signed in
    proved_at = None  # when the password, or a code, was last given on this device

    def get_id(self) -> str:
        """What the cookie holds: the session's token, never the user's number."""
        return self.session_token

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    @cached_property
    def memberships(self) -> list:
        """Roles held today, with their orgs; read once per request."""
        today = today_in_china()
        held = (Membership.starts_on <= today) & (Membership.ends_on.is_null() | (Membership.ends_on >= today))
        found = Membership.select(Membership, Org).join(Org).where((Membership.user == self) & held)
        return [m for m in found.order_by(Membership.id) if m.role in ROLES]

    def scopes(self, permission: Permission) -> list[str]:
        """Paths of the orgs within which the permission is held."""
        return [m.org.path for m in self.memberships if permission in ROLES[m.role].permissions]

    def levels(self, permission: Permission) -> set[str]:
        """Kinds of the orgs at which the permission is held."""
        return {m.org.kind for m in self.memberships if permission in ROLES[m.role].permissions}

    def may(self, permission: Permission, org: Org | None = None) -> bool:
        """Held at the org or above it; without an org: held anywhere."""
        paths = self.scopes(permission)
        return bool(paths) if org is None else any(org.is_within(path) for path in paths)

    def has_role(self, *roles: str) -> bool:
        return any(m.role in roles for m in self.memberships)

    def has_lost_a_role_since(self, moment) -> bool:
        """One of that day has run out by its date."""
        over = Membership.ends_on.between(china_time(moment).date(), today_in_china() - datetime.timedelta(days=1))
        return Membership.select().where((Membership.user == self.id) & over).exists()

    @property
    def holds_county_role(self) -> bool:
        return self.has_role(*COUNTY_ROLES)

    @property
    def must_set_second_factor(self) -> bool:
        """Before anything else; asked of whoever has signed in."""
        return not self.has_second_factor and not self.is_exempt and self.holds_county_role

    @property
    def county_ids(self) -> set:
        return {m.org.county_id for m in self.memberships if m.org.county_id}

    @property
    def county_id(self) -> int | None:
        """The one county that the person belongs to, if it is one; where the trail keeps what they did."""
        return next(iter(self.county_ids)) if len(self.county_ids) == 1 else None

    def counties_within(self, permission: Permission) -> list[int]:
        """Ids of the counties that the permission is held over as a whole."""
        found: set[int] = set()
        for path in self.scopes(permission):
            inside = (Org.kind == "county") & Org.path.between(path, path + "~")
            found.update(county_id for (county_id,) in Org.select(Org.id).where(inside).tuples())
        return sorted(found)


class Membership(BaseModel):
    user = peewee.ForeignKeyField(User, backref="+", on_delete="CASCADE")
    role = peewee.CharField(max_length=30)
    org = peewee.ForeignKeyField(Org, backref="memberships", on_delete="RESTRICT")
    starts_on = peewee.DateField()
    ends_on = peewee.DateField(null=True)
    given_by = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    given_at = peewee.DateTimeField(default=utcnow)
    duty = peewee.CharField(max_length=12, default="")  # as what: '', homeroom, substitute, acting; the last two end on a day
    stands_in_for = peewee.ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    reason = peewee.CharField(max_length=200, default="")  # of a substitute or an acting holder


class UserSession(BaseModel):
    """A signed-in device. Only the hash of its token is kept."""

    token_hash = peewee.BlobField(primary_key=True)
    user = peewee.ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    epoch = peewee.IntegerField()
    created_at = peewee.DateTimeField(default=utcnow)
    seen_at = peewee.DateTimeField(default=utcnow)
    expires_at = peewee.DateTimeField()
    ended_at = peewee.DateTimeField(null=True)
    network = peewee.CharField(max_length=45)
    agent = peewee.CharField(max_length=200)
    idle_seconds = peewee.IntegerField()  # unused for longer it ends; as the county had set it at sign-in
    is_teachers = peewee.BooleanField(default=False)  # opened by who was nothing but a teacher; ends when they become more
    proved_at = peewee.DateTimeField(null=True, default=utcnow)  # when the password, or a code, was last given
    is_shared = peewee.BooleanField(default=False)  # 公用手机: nobody stays signed in for long


class SignInAttempt(BaseModel):
    """Guesses are counted by account and network: a prankster cannot lock a county out."""

    account = peewee.CharField(max_length=60)  # its user name; '?' and a keyed index of what was typed when nobody has it
    network = peewee.CharField(max_length=45)  # or what else is guessed at: prove, change_password, slip and the network
    at = peewee.DateTimeField(default=utcnow)
    succeeded = peewee.BooleanField()

    class Meta:
        indexes = ((("account", "at"), False),)
