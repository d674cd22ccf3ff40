"""What a visit's words begin with: short choices to tick, on the screen and on paper alike."""

AT_HOME = ("表现良好", "作业按时完成", "沉迷手机", "不愿上学", "无人照管", "家中有困难")
VIEWS = ("满意，没有意见", "希望多关心学习", "希望加强安全教育", "希望申请资助")
AGREED = ("继续关注", "家长督促返校", "学校补课辅导", "申请资助", "心理辅导")
LEARNED = ("学得不错", "能跟上", "需要放慢", "今天状态不好")
NEXT = ("布置了作业", "家长配合", "下次继续")
PICKS = (AT_HOME, VIEWS, AGREED, LEARNED, NEXT)
BETWEEN = "；"
