"""The kinds of moves (学籍异动): what each does to the spell, and what whoever records it must say."""

from typing import NamedTuple


class Kind(NamedTuple):
    """`enters` and `leaves`: a spell begins, a spell ends; neither: a child who sits in no class stays so."""

    label: str
    enters: bool = False
    leaves: bool = False
    place: str = ""  # what the place outside the county is called on the form; '': none is asked
    document: str = ""  # the paper that proves it, as a hint
    asks_until: bool = False  # for how long


KINDS = {
    "enroll": Kind("入学", enters=True, document="入学通知书或户口簿"),
    "transfer_in": Kind("县外转入", enters=True, place="原学校", document="转学证明"),
    "return": Kind("复学", enters=True, document="复学申请"),
    "transfer": Kind("县内转学", enters=True, leaves=True, document="转学申请"),
    "change_class": Kind("调班", enters=True, leaves=True),
    "change_mode": Kind("变更就读方式", enters=True, leaves=True),
    "promote": Kind("升学", enters=True, leaves=True),
    "reorganize": Kind("班级或学校撤并", enters=True, leaves=True, document="撤并文件"),
    "transfer_out": Kind("转出县外", leaves=True, place="接收学校", document="转学证明"),
    "suspend": Kind("休学", leaves=True, document="诊断证明和批准文件", asks_until=True),
    "graduate": Kind("毕业", leaves=True, document="毕业证书"),
    "move_away": Kind("随家庭迁走", leaves=True, place="现在在哪里", document="村（社区）证明"),
    "abroad": Kind("出国（境）", leaves=True, place="去往哪里", document="村和家庭的证明"),
    "custody": Kind("专门学校或服刑", leaves=True, place="在哪里", document="公函"),
    "die": Kind("死亡", leaves=True, document="死亡证明或户口注销证明"),
    "leave": Kind("其他离校", leaves=True),
    "defer": Kind("延缓入学", document="乡镇政府或教育局的批准", asks_until=True),
    "correct": Kind("更正", enters=True, leaves=True),
}
ENTERING = tuple(code for code, kind in KINDS.items() if kind.enters and not kind.leaves)
LEAVING = tuple(code for code, kind in KINDS.items() if kind.leaves and not kind.enters)
OF_LAW = ("suspend", "defer")  # 义务教育法第十一条: approved by the township or the bureau, never by the school alone
OF_SEVERAL = ("transfer", "promote", "reorganize")  # another school or a whole class was part of it: not withdrawn alone
