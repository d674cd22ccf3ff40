"""Accounts for many people at once: a list of staff, all with the same first password."""

import datetime

from aidtracker.accounts.actions import USERNAME, may_give
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.passwords import check_password, hash_password
from aidtracker.audit.actions import record
from aidtracker.db import insert_rows, new_uid, reserve_ids, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org


def create_users(
    *,
    people: list[tuple[str, str, str, Org]],
    password: str,
    starts_on: datetime.date,
    must_change_password: bool = True,
    by: User | None,
) -> None:
    """Opens an account for each (user name, name, role, org). Refused as a whole when one of them cannot be."""
    for username, _name, role, org in people:
        if not USERNAME.fullmatch(username):
            raise Refused("用户名要用小写字母、数字、点、横线，至少 2 个字符。")
        check_password(password, username)
        may_give(role, org, by)
    hashed = hash_password(password)
    with transaction():
        refuse_taken([username for username, *_ in people])
        insert_people(people, hashed, starts_on, must_change_password, by)
        counties = {org.county_id for *_, org in people}
        record(
            action="accounts.create_users",
            by=by,
            object_kind="user",
            fields=("username", "name", "role", "org"),
            count=len(people),
            county_id=counties.pop() if len(counties) == 1 else None,
        )


def refuse_taken(usernames: list[str]) -> None:
    twice = {username for username in usernames if usernames.count(username) > 1}
    taken = User.select(User.username).where(User.username.in_(usernames)).scalar() or next(iter(twice), None)
    if taken:
        raise Refused("用户名 %(username)s 已有人用，请换一个。", username=taken)


def insert_people(people, hashed: str, starts_on, must_change_password: bool, by) -> None:
    now, by_id = str(utcnow()), by.id if by else None
    numbered = list(zip(reserve_ids(User, len(people)), people, strict=True))
    insert_rows(
        User,
        ("id", "uid", "username", "name", "password_hash", "must_change_password", "language", "epoch", "created_at", "created_by_id"),
        [(id_, new_uid(), u, name, hashed, must_change_password, "zh", 1, now, by_id) for id_, (u, name, _, _) in numbered],
    )
    insert_rows(
        Membership,
        ("user_id", "role", "org_id", "starts_on", "given_by_id", "given_at"),
        [(id_, role, org.id, starts_on.isoformat(), by_id, now) for id_, (_, _, role, org) in numbered],
    )
