"""特殊群体: what each kind of tag asks for, and why one ends. The labels are models.TAGS."""

from aidtracker.students.models import TAGS

MONITORED = ("monitored", "unstable_poor", "marginal_poor", "sudden_hardship")  # 防返贫监测对象, also where the kind is not known
GUARDED = ("involved",)  # seen only by whoever looks after the pupil's record or case
NOT_OFFERED = ("monitored",)  # stands in older records; a new one says which of the three
PARTS = dict.fromkeys(("subsistence", "destitute"), ("农村", "城市"))
CLASSES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
GRADES = ("一级", "二级", "三级", "四级")
CLEARED = "风险消除"
OTHER = "其他"
PLAIN_ENDS = ("情况改变", "名单调整", "证件到期", "登记有误", OTHER)
HINTS = dict.fromkeys(TAGS, "班主任家访") | {  # of the paper that a kind is known by
    "disabled": "残疾人证",
    "subsistence": "民政局低保名单",
    "destitute": "民政局特困名单",
    "low_income": "民政局低保边缘名单",
    "involved": "检察院或公安机关来函",
    "orphan": "孤儿证或民政局名单",
    "inclusive": "残疾人教育专家委员会评估意见",
} | dict.fromkeys(MONITORED, "农业农村部门监测对象名单")


def fields_of(kind: str) -> tuple[str, ...]:
    """The names of the fields of a form that this kind needs."""
    own = ("disability_class", "disability_grade", "certificate") if kind == "disabled" else ("part",) if kind in PARTS else ()
    return (*own, "starts_on", "source", "document", *(() if kind in PARTS else ("detail",)))


def ends_of(kind: str) -> tuple[str, ...]:
    """Why a tag of this kind may have ended, the usual reason first."""
    return (CLEARED, *PLAIN_ENDS) if kind in MONITORED else PLAIN_ENDS


def offered() -> dict[str, str]:
    return {kind: label for kind, label in TAGS.items() if kind not in NOT_OFFERED}


def family(kind: str) -> tuple[str, ...]:
    """The kinds that a filter by this one finds: 监测对象 is all of its three."""
    return MONITORED if kind == "monitored" else (kind,)


def disability_in(kind: str, detail: str) -> tuple[str, str]:
    """(class, grade) as a roster writes them in one word: 肢体残疾二级."""
    if kind != "disabled":
        return "", ""
    if "多重" in detail:
        return "多重", next((word for word in GRADES if word in detail), "")
    return tuple(next((word for word in words if word in detail), "") for words in (CLASSES, GRADES))  # type: ignore[return-value]


def audited(kind: str) -> str:
    """As an entry of the trail names the tag: a guarded kind is not told there."""
    return "tag.guarded" if kind in GUARDED else f"tag.{kind}"
