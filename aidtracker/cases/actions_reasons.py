"""What a county calls the reasons."""

from aidtracker.audit.actions import record
from aidtracker.cases.models import REASONS
from aidtracker.cases.models_reasons import ReasonName
from aidtracker.cases.reasons import local_names
from aidtracker.db import lock, transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission


def set_reason_names(*, county: Org, names: dict[str, str], by) -> None:
    """`names` by code; '' or the name that every county has takes the county's own back. Refused: two reasons of one name."""
    if not by.may(Permission.POLICY_EDIT, county):
        raise Forbidden("原因的名称由教育局管理员设置。")
    wanted = {code: label.strip() for code, label in names.items() if code in REASONS and label.strip() not in ("", REASONS[code])}
    shown = list((REASONS | wanted).values())
    if twice := next((label for label in shown if shown.count(label) > 1), None):
        raise Refused("有两个原因都叫「%(name)s」，请改一个。", name=twice)
    with transaction():
        lock("reason names", county.id)
        if wanted == local_names(county.id):
            return
        ReasonName.delete().where(ReasonName.county == county).execute()
        for code, label in wanted.items():
            ReasonName.create(county=county, code=code, label=label, set_by=by)
        record(action="cases.set_reason_names", by=by, object_kind="org", object_id=str(county.id), fields=("main_reason",), county_id=county.id)
