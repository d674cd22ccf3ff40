"""Every policy there is, in the order of the page. What a county has not set holds as it stands here."""

from aidtracker.policies.policy import Policy

ROLL, CASES, RECORDS, VISITS, AID, ACCOUNTS, KEEPING = "点名与考勤", "控辍保学", "学籍管理", "家访与送教", "学生资助", "账号与安全", "数据保留"
STAGES = {"school_bureau": "学校 → 教育局", "school_township_bureau": "学校 → 乡镇 → 教育局", "class_school_bureau": "班级 → 学校 → 教育局"}
CLEARED = {"rash": "皮疹、腮腺肿大、红眼", "wide": "发热、皮疹、呕吐、腹泻、腮腺肿大、红眼", "none": "都不要求"}
CLOSINGS = {"direct": "乡镇直接销号", "bureau": "乡镇申请，教育局批准"}
YES_NO = {"yes": "是", "no": "否"}
CLOCK = {f"{hour:02}:{minute:02}": f"{hour:02}:{minute:02}" for hour in range(6, 24) for minute in (0, 15, 30, 45)}
IN_TIME = "过了时间才交的记为迟报；补以前的点名都是迟报。从改的那天起，以前的不重算。"
HOUR = "上课后 1 小时内上报（常见做法）"
STEP = "到了这一天，班主任的待办里列出。0 表示不要。"
DUE, COVERED, TUTORING = "应访名单、家访覆盖表。0 表示不要求。", "家访覆盖表。0 表示不要求。", "送教达标率、送教进度和学生的送教页。"
UNTIL = {"10-20": "10 月 20 日", "term": "秋季学期结束", "year": "学年结束"}
KEY_GROUPS = {"seven": "孤儿、事实无人抚养、残疾、留守、困境、随迁子女、随班就读", "inclusive": "只有随班就读", "all": "各类特殊群体"}
EACH = {"year": "学年", "term": "学期"}
COUNTING = {"any": "入户、电话、视频、约谈都算", "far": "家在县外的都算，其他学生只算入户", "on_site": "只算入户"}
LOOKED = "乡镇和教育局的「值得再看」。"
DRAWN_BY = {"school": "学校", "township": "乡镇"}
BASES = {"month": "每月", "week": "每周，逐周达标", "weeks": "每周平均，按月合计"}
OFF_MONTHS = {"7,8": "7、8 月", "2,7,8": "2、7、8 月", "none": "都要求"}
SUBSIDY = "财教〔2023〕生活补助标准（2024 年春季起）"

ALL = (
    Policy("roll_late_days", ROLL, "教师可补点名的天数", 7, "天", 0, 60, about="超过后由本校管理员补。"),
    Policy("in_time_early", ROLL, "晨检几点前交不算迟报", "08:30", choices=CLOCK, source=HOUR, about=IN_TIME),
    Policy("in_time_morning", ROLL, "上午几点前交不算迟报", "09:00", choices=CLOCK, source=HOUR, about=IN_TIME),
    Policy("in_time_afternoon", ROLL, "下午几点前交不算迟报", "15:30", choices=CLOCK, source=HOUR, about=IN_TIME),
    Policy("in_time_evening", ROLL, "晚自习几点前交不算迟报", "20:00", choices=CLOCK, source=HOUR, about=IN_TIME),
    Policy("in_time_night", ROLL, "就寝几点前交不算迟报", "23:00", choices=CLOCK, source=HOUR, about=IN_TIME),
    Policy("sweep_until", ROLL, "返校核查几点前交不算迟报", "10:00", choices=CLOCK, about="开学和返校日的返校核查。"),
    Policy("often_late", ROLL, "近 20 个上课日几次列为常迟报", 3, "次", 1, 40, about="点名情况里的「常迟报」：迟报和没报的场次合计。"),
    Policy("attendance_target", ROLL, "出勤率目标", 98, "%", 50, 100, about="首页和考勤报表里低于目标的标出。"),
    Policy("serious_absence", ROLL, "连续旷课几天列为重点", 3, "个上课日", 1, 30, source="3 天报县局（常见做法）", about="首页「待跟进」、可建案的名单、考勤报表。"),
    Policy("severe_absence", ROLL, "连续旷课几天列为严重", 7, "个上课日", 2, 60, about="报表和首页里单列。"),
    Policy("silent_days", ROLL, "几个上课日没有消息列为失联", 3, "个上课日", 1, 30, about="运行状态里没有点名的学校、没有登录的教师。"),
    Policy("rate_warned", ROLL, "近 20 个上课日出勤率低于多少提醒", 90, "%", 0, 99, about="请假也算没到。班主任的待办里列出。0 表示不提醒。"),
    Policy("class_silent_days", ROLL, "班级连续几天没点名提醒学校", 3, "个上课日", 0, 20, about="校级管理员的待办里列出。0 表示不提醒。"),
    Policy("late_makes_absence", ROLL, "迟到、早退几次算旷课 1 节", 2, "次", 0, 20, about="0 表示不折算。", is_used=False),
    Policy("leave_class_days", ROLL, "班主任可批假的天数", 1, "个上课日", 0, 10, about="超过由学校批；新的请假按它定由谁批。"),
    Policy("leave_school_days", ROLL, "学校中层可批假的天数", 3, "个上课日", 1, 30, about="超过由校长批。"),
    Policy("sick_proof_days", ROLL, "病假超过几天要诊断证明", 3, "个上课日", 1, 30, about="没有看过诊断证明的不能批准。"),
    Policy("leave_term_days", ROLL, "一学期请假超过几天提示休学", 40, "个上课日", 5, 120, about="请假页上的提示。"),
    Policy("clearance_after", ROLL, "哪些症状返校要看复课证明", "rash", choices=CLEARED, source="学校传染病报告制度", about="病假销假时。"),
    Policy("illness_in_a_day", ROLL, "同班一天几例相似症状要报告", 3, "例", 2, 20, source="学校传染病报告制度", about="聚集性病例的提醒。"),
    Policy("illness_in_three_days", ROLL, "同校连续三天累计几例要报告", 5, "例", 2, 50, source="学校传染病报告制度", about="聚集性病例的提醒。"),
    Policy("next_step_days", CASES, "个案下一步的期限", 3, "个上课日", 1, 30, source="劝返 3 天后再报（不含周末）", about="建案和跟进后自动填的下次跟进日期。"),
    Policy("watch_days", CASES, "复学后的巩固期", 20, "个上课日", 0, 120, about="从返校那天算起。期满以前不能按「已复学」销号；期内旷课的，责任人的待办里列出。0 表示不要。"),
    Policy("closing_by", CASES, "乡镇怎么销号", "direct", choices=CLOSINGS, about="学校和村申请的，都由乡镇或教育局批准；申请的人自己不能批准。"),
    Policy("closing_days", CASES, "批准销号的期限", 3, "个上课日", 1, 20, about="乡镇的待办；过期的按待办上报。被退回的也在这几天内补充。"),
    Policy("handover_days", CASES, "接收移交个案的期限", 5, "个上课日", 1, 30, about="移交给另一个学校、乡镇或村；过期的按待办上报，接收以前责任人不变。"),
    Policy("call_after", CASES, "缺勤几天班主任联系家长", 1, "天", 0, 10, about=STEP),
    Policy("visit_after", CASES, "缺勤几天班主任家访", 1, "天", 0, 15, about=STEP),
    Policy("report_school_after", CASES, "缺勤几天报学校", 2, "天", 0, 15, about="学校领导和村委一起上门。"),
    Policy("report_township_after", CASES, "缺勤几天报乡镇和教育局", 3, "天", 1, 30, about="学校填《辍学学生情况报告表》，乡镇督促。"),
    Policy("suspected_after", CASES, "缺勤几天列为疑似辍学", 5, "天", 1, 60, about="自动建个案，由乡镇核查。"),
    Policy("dropout_after", CASES, "缺勤几天认定辍学", 20, "天", 5, 120, source="辽宁：连续四周", about="由教育局认定。"),
    Policy("absence_basis", CASES, "缺勤天数怎么算", "school", choices={"school": "上课日", "calendar": "日历日"}, about="日历日从第一天旷课算起，周末和假期也算。"),
    Policy("task_escalates_after", CASES, "待办过期几天上报", 1, "个上课日", 0, 20, about="上一级的待办里也列出，只上报一次。0 表示不上报。"),
    Policy("least_persuasions", CASES, "升级前至少劝返几次", 3, "次", 1, 20, is_used=False),
    Policy("glance_hours", CASES, "紧急查看保密个案的时间", 24, "小时", 1, 168, about="过了这段时间又看不到；知情人和教育局管理员都会知道。"),
    Policy("notice_days", CASES, "限期返校通知书的返校期限", 7, "天", 1, 90, source="劝学通知书（常见做法）", about="发文时自动填的期限；本县自己的文书各有期限。"),
    Policy("serve_days", CASES, "文书几天内送达", 3, "个上课日", 1, 20, about="发文后，个案责任人的待办。"),
    Policy("notice_late_days", CASES, "文书到期后几天内定下一步", 3, "个上课日", 1, 20, about="到期没有返校的，发文单位的待办。"),
    Policy("notice_sanctions", CASES, "使用行政处罚、司法文书", "no", choices=YES_NO, source="义务教育法第五十八条只规定批评教育、责令限期改正", about="选「是」后，教育局才能加这两类文书；系统不会建议发。"),
    Policy("compulsory_from", CASES, "义务教育起始年龄", 6, "周岁", 5, 8, source="义务教育法第十一条", about="入学新生的名单，升级预览里的超龄、低龄。"),
    Policy("compulsory_years", CASES, "义务教育年限（年龄窗口）", 9, "年", 8, 10, source="义务教育法第二条", about="名单比对里谁还没到、谁已过义务教育年龄。"),
    Policy("class_small", RECORDS, "班级少于几人时提示", 2, "人", 1, 30, about="升级、分班、并班的预览。"),
    Policy("class_large", RECORDS, "班级多于几人时提示", 90, "人", 30, 150, about="升级、分班、并班的预览。"),
    Policy("age_apart", RECORDS, "年龄和年级相差几岁时提示", 3, "岁", 1, 10, about="升级预览里的超龄、低龄。"),
    Policy("school_records_return", RECORDS, "复学由学校自己登记", "no", choices=YES_NO, about="选「否」时，休学的学生回来由乡镇或教育局登记。"),
    Policy("transfer_days", RECORDS, "县内转学的报到期限", 15, "天", 1, 90, about="新申请的转学；到期没有报到的进入个案。"),
    Policy("visits_a_year", VISITS, "每名学生每学年至少家访几次", 1, "次", 0, 10, source="教基〔2022〕7号", about=DUE),
    Policy("visits_a_term", VISITS, "每名学生每学期至少家访几次", 0, "次", 0, 10, source="白银 2021：每学期集中家访一次", about=DUE),
    Policy("term_share", VISITS, "每学期至少访到的学生比例", 0, "%", 0, 100, source="学校规定：每学期不少于一半", about=COVERED),
    Policy("entry_grade_visited", VISITS, "起始年级家访比例", 100, "%", 0, 100, source="白银 2021、扬州 2023", about=DUE),
    Policy("entry_grade_until", VISITS, "起始年级在什么时候以前访完", "year", choices=UNTIL, source="扬州 2023：10 月 20 日前上报", about="过了这一天还没访的列为过期。"),
    Policy("key_visits_a_term", VISITS, "重点学生每学期至少家访几次", 1, "次", 0, 10, source="学校规定：随班就读学生每学期都访", about=DUE),
    Policy("key_groups", VISITS, "哪些学生是家访的重点", "seven", choices=KEY_GROUPS, source="教基厅函〔2024〕15号", about="应访名单、家访覆盖表。"),
    Policy("small_class", VISITS, "多少人以下的班全部入户", 30, "人", 0, 90, source="白银 2021", about="家访覆盖表里「班级入户」。0 表示没有这一档。"),
    Policy("large_class", VISITS, "多少人以上算大班", 50, "人", 0, 90, source="白银 2021", about="家访覆盖表里「班级入户」。"),
    Policy("on_site_share", VISITS, "大班入户家访比例", 50, "%", 0, 100, source="白银 2021", about=COVERED),
    Policy("middle_share", VISITS, "中间的班入户家访比例", 50, "%", 0, 100, source="白银 2021（没有写明，按大班算）", about=COVERED),
    Policy("on_site_each", VISITS, "入户家访比例按什么算", "year", choices=EACH, source="白银 2021：每学期", about="家访覆盖表里「班级入户」。"),
    Policy("forms_that_count", VISITS, "哪些方式算访到", "any", choices=COUNTING, source="家在县外的可用电话、视频", about="应访名单、家访覆盖表；入户总是另列。"),
    Policy("lesson_is_visit", VISITS, "送教上门一次也算家访一次", "no", choices=YES_NO, about="应访名单、家访覆盖表；家访统计表总是分开。"),
    Policy("tutoring_basis", VISITS, "送教上门按什么算次数", "month", choices=BASES, source="晋江：每月；宁夏、山东、河南、怀远、南通：每周", about=TUTORING),
    Policy("tutoring_visits", VISITS, "送教上门每月（每周）至少几次", 2, "次", 1, 20, source="晋江：每月 2 次", about=TUTORING),
    Policy("tutoring_lessons", VISITS, "每次送教至少几课时", 2, "课时", 1, 8, source="晋江、宁夏：2 课时；山东、河南：3 课时", about="课时不够的一次不计入达标。"),
    Policy("tutoring_minutes", VISITS, "每次送教至少几分钟", 0, "分钟", 0, 300, source="南通：约 1 小时", about="时长没填的一次不计入达标。0 表示不要求。"),
    Policy("tutoring_teachers", VISITS, "每次送教至少几名教师", 1, "名教师", 1, 4, source="南通：两名教师", about="人不够的一次不计入达标。"),
    Policy("tutoring_year_lessons", VISITS, "每学年至少送教几课时", 0, "课时", 0, 400, source="山东、河南：216 课时", about="送教进度。0 表示不要求。"),
    Policy("tutoring_year_visits", VISITS, "每学年至少送教几次", 0, "次", 0, 200, source="安徽怀远：30 次", about="送教进度。0 表示不要求。"),
    Policy("tutoring_year_remind_days", VISITS, "学年结束前几个上课日起提醒学年送教不够", 60, "个上课日", 0, 200, about="按现在的进度完不成学年次数或课时的，送教教师的待办里列出。0 表示不提醒。"),
    Policy("tutoring_least_days", VISITS, "一个月上课日少于几天不要求送教", 1, "天", 1, 20, about="放假、停课的日子不算上课日。"),
    Policy("tutoring_off_months", VISITS, "没有设学期日期时哪些月份不要求送教", "7,8", choices=OFF_MONTHS, about="设了学期日期的，按校历。"),
    Policy("tutoring_make_up_days", VISITS, "补送最多可以晚几天", 31, "天", 0, 120, about="补送算在欠的那一天。0 表示不能补。"),
    Policy("tutoring_remind_days", VISITS, "月底前几个上课日提醒送教教师", 5, "个上课日", 0, 20, about="送教教师的待办里列出。0 表示不提醒。"),
    Policy("call_back_share", VISITS, "每月抽多少家访打电话回访", 5, "%", 0, 100, source="回访抽查 5%（常见做法）", about="每月月初抽上个月记录的；有家访的至少抽 1 条。0 表示不抽。"),
    Policy("call_back_each", VISITS, "回访按什么抽", "school", choices=DRAWN_BY, about="每所学校（每个乡镇）分别按比例抽。"),
    Policy("call_back_tries", VISITS, "回访打几次没有打通不再打", 3, "次", 1, 10, about="记为联系不上。"),
    Policy("visit_earliest", VISITS, "家访早于几点值得再看", "06:00", choices=CLOCK, about=LOOKED),
    Policy("visit_latest", VISITS, "家访晚于几点值得再看", "22:00", choices=CLOCK, about=LOOKED),
    Policy("visits_an_hour", VISITS, "一个人一小时里去几家值得再看", 10, "家", 0, 40, about=LOOKED + "0 表示不看。"),
    Policy("same_words_length", VISITS, "几个字以上一字不差值得再看", 12, "个字", 0, 200, about=LOOKED + "只看自己写的话，不看勾选的；纸质表录入的不算。0 表示不看。"),
    Policy("photos_of_visit", VISITS, "一次家访最多几张照片", 3, "张", 0, 6, about="记家访和送教的页面。0 表示不放照片。"),
    Policy("photo_size", VISITS, "每张照片最大", 300, "KB", 80, 300, about="手机上先缩小，系统里再缩一次。"),
    Policy("publicity_days", AID, "公示天数", 5, "个工作日", 1, 30, source="不少于 5 个工作日", is_used=False),
    Policy("publicity_masks_names", AID, "公示时姓名打码", "no", choices=YES_NO, source="教育部 2017 年学生资助信息公示紧急通知", is_used=False),
    Policy("aid_stages", AID, "资助认定的审批环节", "school_bureau", choices=STAGES, is_used=False),
    Policy("boarding_primary", AID, "生活补助 寄宿小学 每学期", 62_500, "元", 0, 1_000_000, source=SUBSIDY, is_used=False),
    Policy("boarding_junior", AID, "生活补助 寄宿初中 每学期", 75_000, "元", 0, 1_000_000, source=SUBSIDY, is_used=False),
    Policy("day_primary", AID, "生活补助 走读小学 每学期", 31_250, "元", 0, 1_000_000, source=SUBSIDY, is_used=False),
    Policy("day_junior", AID, "生活补助 走读初中 每学期", 37_500, "元", 0, 1_000_000, source=SUBSIDY, is_used=False),
    Policy("meal_a_day", AID, "营养改善计划 每天", 500, "元", 0, 10_000, source="2021 年秋季起", is_used=False),
    Policy("password_rule", ACCOUNTS, "密码规则", "dengbao", choices={"dengbao": "等保：10 位含三种字符，或 16 位", "asvs": "ASVS：至少 12 位，不限种类"}, source="GB/T 22239-2019 8.1.4.1", about="设置新密码时。"),
    Policy("office_idle_minutes", ACCOUNTS, "办公账号闲置多久退出", 30, "分钟", 5, 240, source="GB/T 22239-2019 8.1.4.1", about="从下次登录起。"),
    Policy("office_session_hours", ACCOUNTS, "办公账号一次登录最长", 12, "小时", 1, 24, source="GB/T 22239-2019 8.1.4.1", about="从下次登录起。"),
    Policy("teacher_idle_days", ACCOUNTS, "教师手机闲置多久退出", 3, "天", 1, 30, about="从下次登录起。"),
    Policy("teacher_session_days", ACCOUNTS, "教师手机一次登录最长", 14, "天", 1, 60, about="从下次登录起。"),
    Policy("unused_days", ACCOUNTS, "账号多少天没用列入清单", 90, "天", 7, 365, source="GB/T 22239-2019 8.1.4.2", about="「闲置账号」的名单。"),
    Policy("password_days", ACCOUNTS, "县级账号密码有效期", 180, "天", 30, 730, source="GB/T 22239-2019 8.1.4.1", about="到期后登录时要求换新密码；教师、校级和乡镇账号不受限。"),
    Policy("invitation_days", ACCOUNTS, "邀请有效期", 14, "天", 1, 60, about="新打印的邀请单。"),
    Policy("reveal_quota", ACCOUNTS, "每人每天可看多少个完整号码", 200, "次", 5, 5000, about="证件号、学籍号、电话，查看都有记录。"),
    Policy("trail_years", KEEPING, "审计记录保留", 3, "年", 1, 30, source="网络安全法第二十三条（不少于六个月）", about="「学年」页上的保留期限。"),
    Policy("aid_years", KEEPING, "资助档案保留", 10, "年", 3, 50, about="「学年」页上的保留期限。"),
    Policy("photo_years", KEEPING, "家访照片和签字保留", 3, "年", 0, 30, about="到期自动销毁，不能恢复。0 表示一直保留。"),
    Policy("student_years", KEEPING, "学籍档案保留", 0, "年", 0, 100, about="0 表示永久。「学年」页上的保留期限。"),
)
# Each is at most as large as the one behind it, on every day.
ORDERED = (
    ("serious_absence", "severe_absence"),
    ("leave_class_days", "leave_school_days"),
    ("small_class", "large_class"),
    ("illness_in_a_day", "illness_in_three_days"),
    ("call_after", "visit_after", "report_school_after", "report_township_after", "suspected_after", "dropout_after"),
)
POLICIES = {policy.key: policy for policy in ALL}
GROUPS = tuple(dict.fromkeys(policy.group for policy in ALL))
