"""How the trail reads to people: what an action did, which fields it touched."""

ACTIONS = {
    "accounts.sign_in": "登录",
    "accounts.sign_out": "退出登录",
    "accounts.refuse_sign_in": "登录失败",
    "accounts.create_user": "新建账号",
    "accounts.create_users": "批量新建账号",
    "accounts.edit_user": "修改账号",
    "accounts.give_role": "授予角色",
    "accounts.end_role": "结束角色",
    "accounts.disable_user": "停用账号",
    "accounts.enable_user": "启用账号",
    "accounts.reset_password": "重置密码",
    "accounts.change_password": "修改自己的密码",
    "accounts.set_language": "切换语言",
    "accounts.end_session": "退出一台设备",
    "students.create_student": "新增学生",
    "students.edit_student": "修改学生资料",
    "students.reveal": "查看完整号码",
    "students.add_guardian": "新增监护人",
    "students.edit_guardian": "修改监护人",
    "students.remove_guardian": "移除监护人",
    "students.add_tag": "新增特殊群体类别",
    "students.end_tag": "结束特殊群体类别",
    "students.enroll_student": "编入班级",
    "students.change_mode": "变更就读方式",
    "students.leave_class": "办理离班",
    "students.insert_roster": "导入新生名册",
    "students.update_roster": "导入名册更新",
    "orgs.edit_org": "修改单位",
    "orgs.close_org": "停办单位",
    "orgs.reopen_org": "恢复单位",
    "orgs.import_divisions": "导入行政区划",
    "orgs.import_schools": "导入学校",
    "orgs.make_classes": "新建班级",
    "attendance.submit_roll_call": "提交点名",
    "attendance.correct_roll_call": "更正点名",
    "attendance.save_day_of_rolls": "导入考勤",
    "imports.upload_workbook": "上传工作簿",
    "imports.commit_import": "确认导入",
    "imports.discard_import": "放弃导入",
    "jobs.fetch_result": "下载文件",
    "reports.export_report": "导出报表",
    "reports.reveal_ids": "报表里查看完整证件号",
    "ledgers.export_ledger": "导出台账",
    "ledgers.reveal_numbers": "台账里查看完整号码",
    "demo.build_demo": "生成演示数据",
}
FIELDS = {
    "name": "姓名",
    "sex": "性别",
    "born_on": "出生日期",
    "ethnicity": "民族",
    "id_kind": "证件类型",
    "id_number": "身份证件号",
    "student_number": "学籍号",
    "phone": "联系电话",
    "address": "现住址",
    "entered_on": "入学年月",
    "home_code": "户籍地",
    "class_org": "班级",
    "mode": "就读方式",
    "seat": "班内学号",
    "starts_on": "开始日期",
    "ends_on": "结束日期",
    "guardian": "监护人",
    "username": "用户名",
    "role": "角色",
    "org": "单位",
    "password": "密码",
    "disabled_at": "停用",
    "language": "语言",
    "session": "设备",
    "closed_on": "停办日期",
    "township": "乡镇",
    "category": "办学类型",
    "sponsor": "举办者类型",
    "code": "代码",
    "parent": "上级",
    "marks": "缺勤名单",
    "reason": "原因",
}


def action_words(action: str) -> str:
    """新增学生; a code that nobody has translated stays as it is."""
    return ACTIONS.get(action, action)


def field_words(fields: str) -> list[str]:
    """'name,sex' -> ['姓名', '性别']; guardian-1 and tag.disabled by what stands before the mark."""
    return [FIELDS.get(field) or by_kind(field) for field in fields.split(",") if field]


def by_kind(field: str) -> str:
    if field.startswith("guardian-"):
        return "监护人电话"
    return "特殊群体" if field.startswith("tag.") else field
