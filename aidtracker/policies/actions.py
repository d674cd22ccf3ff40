"""Setting a policy from a day on, and taking back what has not begun."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.models import PolicyValue
from aidtracker.policies.policy import Policy
from aidtracker.policies.queries import number_of, policy_of
from aidtracker.policies.registry import ORDERED, POLICIES

FURTHEST = datetime.timedelta(days=2 * 366)


def set_policy(*, county: Org, policy: Policy, value: int | str, holds_from: datetime.date, reason: str, by) -> PolicyValue:
    """Refused: a value out of bounds; a day that is past, for what was counted then stays as it was; a day too far ahead; the value
    that holds then anyway."""
    refuse_outsider(county, by)
    policy.refuse_value(value)
    if holds_from < today_in_china():
        raise Refused("生效日期不能早于今天：以前的数字按当时的规定算。")
    if holds_from > today_in_china() + FURTHEST:
        raise Refused("生效日期太远，最多提前两年设置。")
    with transaction():
        lock("policy", county.id)
        if policy_of(policy.key, county.id, holds_from) == value:
            raise Refused("到那天本来就是这个值，不用再设。")
        row = PolicyValue.create(county=county, key=policy.key, value=str(value), holds_from=holds_from, reason=reason, set_by=by)
        refuse_disorder(county, policy)
        told("set_policy", county, policy, by, reason)
    return row


def withdraw_policy(*, row: PolicyValue, by) -> None:
    """Takes back one value that has not begun. What holds or held stays, and so do the others to come."""
    county, policy = row.county, POLICIES[row.key]
    refuse_outsider(county, by)
    with transaction():
        lock("policy", county.id)
        ahead = (PolicyValue.id == row.id) & PolicyValue.withdrawn_at.is_null() & (PolicyValue.holds_from > today_in_china())
        if not PolicyValue.update(withdrawn_by=by, withdrawn_at=utcnow()).where(ahead).execute():
            raise Refused("这项设置已经生效，或者已经撤回，不能再撤回。")
        refuse_disorder(county, policy)
        told("withdraw_policy", county, policy, by)


def refuse_disorder(county: Org, policy: Policy) -> None:
    """Thresholds that follow one another (三天列为重点、七天列为严重) keep their order on every day from today on."""
    today = today_in_china()
    for keys in (keys for keys in ORDERED if policy.key in keys):
        rows = PolicyValue.select(PolicyValue.holds_from).where((PolicyValue.county == county) & PolicyValue.key.in_(keys) & (PolicyValue.holds_from > today))
        for day in sorted({today, *(row.holds_from for row in rows)}):
            values = [number_of(key, county.id, day) for key in keys]
            for at in range(len(keys) - 1):
                if values[at] > values[at + 1]:
                    one, other = (Phrase(POLICIES[key].label) for key in keys[at : at + 2])
                    raise Refused(
                        "从 %(day)s 起「%(one)s」是 %(a)s，大过「%(other)s」的 %(b)s：请先改另一项，或换一个数。",
                        day=day.isoformat(), one=one, other=other, a=values[at], b=values[at + 1],
                    )  # fmt: skip


def refuse_outsider(county: Org, by) -> None:
    if not by.may(Permission.POLICY_EDIT, county):
        raise Forbidden("你没有修改规则的权限。")


def told(action: str, county: Org, policy: Policy, by, reason: str = "") -> None:
    record(action=f"policies.{action}", by=by, object_kind="policy", object_id=policy.key, fields=("value",), reason=reason, county_id=county.id)
