"""The kinds of workbook that can be brought in; each room reads and saves its own."""

from collections.abc import Callable
from typing import NamedTuple

from aidtracker.aid.payment_import import plan_payments, save_payments
from aidtracker.aid.sheets import PAYMENTS
from aidtracker.attendance.roll_import import plan_rolls, save_rolls
from aidtracker.attendance.sheets import ABSENCES, ROLLS
from aidtracker.excel.columns import SheetSpec
from aidtracker.orgs.divisions import plan_divisions, save_divisions
from aidtracker.orgs.schools import plan_schools, save_schools
from aidtracker.orgs.sheets import DIVISIONS, SCHOOLS
from aidtracker.permissions import Permission
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER


class Kind(NamedTuple):
    name: str
    label: str
    permission: Permission
    specs: tuple[SheetSpec, ...]
    plan: Callable  # (tables, *, by, school_year, on) -> Plan; reads only
    save: Callable  # (plan, *, by, progress)
    hint: str  # what the sheet holds and where it comes from
    asks_school_year: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "divisions",
            "行政区划",
            Permission.ORG_MANAGE,
            (DIVISIONS,),
            plan_divisions,
            save_divisions,
            "县、乡镇、村的名称和国家统计局代码。",
        ),
        Kind(
            "schools",
            "学校",
            Permission.ORG_MANAGE,
            (SCHOOLS,),
            plan_schools,
            save_schools,
            "学校标识码、名称、办学类型和所在乡镇。",
        ),
        Kind(
            "students",
            "学生名册",
            Permission.IMPORT_RUN,
            (ROSTER,),
            plan_roster,
            save_roster,
            "全国学籍系统导出的学生基本信息表，表头不用改。",
            asks_school_year=True,
        ),
        Kind(
            "attendance",
            "考勤",
            Permission.IMPORT_RUN,
            (ROLLS, ABSENCES),
            plan_rolls,
            save_rolls,
            "「点名」表每个班每天每场一行，「缺勤」表写没到、迟到或早退的学生。",
        ),
        Kind(
            "aid-payments",
            "资助发放",
            Permission.AID_RECORD,
            (PAYMENTS,),
            plan_payments,
            save_payments,
            "资助发放花名册，每名学生每笔一行：学籍号或身份证号、资助项目、学期、批次、应发金额、发放日期和状态。",
        ),
    )
}
