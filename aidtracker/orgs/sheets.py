"""The columns of the lists of divisions and schools."""

from aidtracker.excel import cells
from aidtracker.excel.columns import Column, SheetSpec

LEVELS = cells.choice(
    {"市": "city", "县": "county", "乡镇": "township", "村": "village"},
    {
        "地级市": "city",
        "区": "county",
        "县级市": "county",
        "旗": "county",
        "乡": "township",
        "镇": "township",
        "街道": "township",
        "社区": "village",
        "行政村": "village",
    },
)
CATEGORIES = (
    "幼儿园 小学 完全小学 非完全小学 小学教学点 初级中学 九年一贯制学校 完全中学 高级中学 十二年一贯制学校 中等职业学校 特殊教育学校 专门学校"
).split()

DIVISIONS = SheetSpec(
    name=None,
    columns=(
        Column("code", "代码", cells.code, required=True, value_required=True, aliases=("行政区划代码", "区划代码")),
        Column("name", "名称", required=True, value_required=True),
        Column("kind", "级别", LEVELS, required=True, value_required=True),
        Column("parent", "上级代码", cells.code),
    ),
    row_identity=("code", "name"),
)
SCHOOLS = SheetSpec(
    name=None,
    columns=(
        Column("code", "学校标识码", cells.code, required=True, value_required=True),
        Column("name", "学校名称", required=True, value_required=True, aliases=("名称",)),
        Column("category", "办学类型", hint="、".join(CATEGORIES)),
        Column("township", "所在乡镇代码", cells.code, required=True, value_required=True, aliases=("乡镇代码",)),
        Column("sponsor", "举办者类型"),
    ),
    row_identity=("code", "name"),
)
