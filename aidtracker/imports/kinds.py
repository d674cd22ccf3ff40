"""The kinds of workbook that can be brought in; each room reads and saves its own."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from aidtracker.accounts.actions_staff import plan_staff
from aidtracker.accounts.actions_staff_saving import save_staff
from aidtracker.accounts.sheets import STAFF
from aidtracker.aid.payment_import import plan_payments
from aidtracker.aid.payment_save import save_payments
from aidtracker.aid.sheets import PAYMENTS
from aidtracker.attendance.class_book import SPEC as CLASS_ROLLS
from aidtracker.attendance.class_book_import import plan_class_rolls, save_class_rolls
from aidtracker.attendance.roll_import import plan_rolls, save_rolls
from aidtracker.attendance.sheets import ABSENCES, ROLLS
from aidtracker.census.list_import import (
    plan_disabled_children,
    plan_household_registry,
    plan_monitored_households,
    plan_own_list,
    save_list,
)
from aidtracker.census.models import LISTS
from aidtracker.census.sheets import DISABLED_CHILDREN, HOUSEHOLD_REGISTRY, MONITORED_HOUSEHOLDS, OWN_LIST
from aidtracker.excel.columns import SheetSpec
from aidtracker.orgs.divisions import plan_divisions, save_divisions
from aidtracker.orgs.schools import plan_schools, save_schools
from aidtracker.orgs.sheets import DIVISIONS, SCHOOLS
from aidtracker.permissions import Permission
from aidtracker.students.actions_undoing_roster import undo_roster
from aidtracker.students.extra_fields import roster_columns
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_preview import preview_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER
from aidtracker.visits.sheets import TUTORING, VISITS
from aidtracker.visits.visit_import import plan_visits, save_visits


class Kind(NamedTuple):
    name: str
    label: str
    permission: Permission
    specs: tuple[SheetSpec, ...]
    plan: Callable  # (tables, *, by, school_year, on) -> Plan; reads only
    save: Callable  # (plan, *, by, progress)
    hint: str  # what the sheet holds and where it comes from
    asks_school_year: bool = False
    asks_proof: bool = False  # money and accounts: who commits it proves once more who it is
    asks_dated: bool = False  # the day that another department's list speaks of
    asks_list: bool = False  # of which kind of the county's own the list is: plan() takes `list_kind`
    preview: Callable | None = None  # (plan, *, by, before: of the same person's files today) -> {group: {"count", "rows"}}: what would become of whom, row by row
    own_columns: Callable | None = None  # () -> columns that counties added, which stand behind those of the first sheet
    asks_choices: bool = False  # where somebody else wrote meanwhile: plan() takes `choices`, and says `conflicts`
    start: str = ""  # the page on which such a workbook is made, in place of a blank one
    undo: Callable | None = None  # (*, import_uid, since, by) -> figures; None: nobody can take the whole of it back


    def sheets(self) -> tuple[SheetSpec, ...]:
        """What a workbook of this kind holds today."""
        added = self.own_columns() if self.own_columns else ()
        return (replace(self.specs[0], columns=self.specs[0].columns + added), *self.specs[1:]) if added else self.specs


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
            preview=preview_roster,
            own_columns=roster_columns,
            undo=undo_roster,
        ),
        Kind(
            "staff",
            "人员名册",
            Permission.ACCOUNT_MANAGE,
            (STAFF,),
            plan_staff,
            save_staff,
            "姓名、工号、手机号、单位、角色和日期，每人每个角色一行；班主任写上年级和班级。账号没有密码，用邀请单开通。",
            asks_proof=True,
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
            "class-rolls",
            "本班点名表",
            Permission.ROLL_SUBMIT,
            (CLASS_ROLLS,),
            plan_class_rolls,
            save_class_rolls,
            "从系统下载本班的点名表，没有网络时填好，再传回来；别人改过的会逐条让你选。",
            asks_choices=True,
            start="attendance.show_class_book",
        ),
        Kind(
            "visits",
            "家访和送教上门",
            Permission.IMPORT_RUN,
            (VISITS, TUTORING),
            plan_visits,
            save_visits,
            "「家访」表和「送教上门」表，每人每次一行；同一天去了两次就写两行。",
        ),
        Kind(
            "household-registry",
            LISTS["household_registry"],
            Permission.CENSUS_IMPORT,
            (HOUSEHOLD_REGISTRY,),
            plan_household_registry,
            save_list,
            "公安提供的户籍适龄儿童少年：户主、姓名、公民身份号码、户籍地址代码。",
            asks_dated=True,
        ),
        Kind(
            "monitored-households",
            LISTS["monitored_households"],
            Permission.CENSUS_IMPORT,
            (MONITORED_HOUSEHOLDS,),
            plan_monitored_households,
            save_list,
            "乡村振兴部门的监测对象：学生身份证号、类型、纳入日期、风险消除日期。",
            asks_dated=True,
        ),
        Kind(
            "disabled-children",
            LISTS["disabled_children"],
            Permission.CENSUS_IMPORT,
            (DISABLED_CHILDREN,),
            plan_disabled_children,
            save_list,
            "残联的持证残疾儿童少年：身份证号、残疾证号、类别、等级。",
            asks_dated=True,
        ),
        Kind(
            "other-list",
            "其他部门名单",
            Permission.CENSUS_IMPORT,
            (OWN_LIST,),
            plan_own_list,
            save_list,
            "本县自己增加的名单种类，例如民政的孤儿、低保名单：姓名、身份证号、户籍乡镇代码、类别。",
            asks_dated=True,
            asks_list=True,
        ),
        Kind(
            "aid-payments",
            "资助发放",
            Permission.AID_RECORD,
            (PAYMENTS,),
            plan_payments,
            save_payments,
            "资助发放花名册，每名学生每笔一行：学籍号或身份证号、资助项目、学期、批次、应发金额、发放日期和状态。",
            asks_proof=True,
        ),
    )
}
