"""Closing many accounts at once: of those that nobody uses, of leavers whose last day has passed."""

from collections import Counter

from aidtracker.accounts.actions import end_sessions_of, manages, told_many
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries import counties_of_many
from aidtracker.db import chunks_of, today_in_china, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.jobs.actions import expire_results


def disable_users(*, users: list[User], reason: str, by: User) -> int:
    """Each is told with its account by name; all of them or none."""
    if not users:
        raise Refused("请勾选要停用的账号。")
    for user in users:
        if user == by:
            raise Refused("不能停用自己的账号。")
        manages(user, by)
    with transaction():
        close_accounts([user.id for user in users])
        names = "、".join(user.username for user in users)
        told_many("disable_users", by, ("disabled_at",), len(users), f"{reason}（{names}）")
    return len(users)


def close_accounts(user_ids: list[int]) -> None:
    end_sessions_of(sorted(user_ids))
    for chunk in chunks_of(user_ids):
        User.update(disabled_at=utcnow()).where(User.id.in_(chunk) & User.disabled_at.is_null()).execute()
    for user_id in user_ids:
        expire_results(user_id)


def disable_leavers() -> int:
    """Whose last day has passed and who was given no role since; the server asks it again and again, and writes only when
    there is somebody."""
    lasting = Membership.select(Membership.user).where(Membership.ends_on.is_null() | (Membership.ends_on >= today_in_china()))
    gone = (StaffRecord.leaves_on < today_in_china()) & User.disabled_at.is_null() & User.id.not_in(lasting)
    user_ids = [id_ for (id_,) in StaffRecord.select(StaffRecord.user_id).join(User, on=StaffRecord.user == User.id).where(gone).tuples()]
    if not user_ids:
        return 0
    with transaction():
        close_accounts(user_ids)
        for county_id, count in Counter(counties_of_many(user_ids).values()).items():
            told_many("disable_leavers", None, ("disabled_at",), count, county_id=county_id)
    return len(user_ids)
