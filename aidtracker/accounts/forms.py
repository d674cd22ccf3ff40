"""Forms of people and their roles."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from aidtracker.permissions import ROLES
from aidtracker.web.forms import Form

NEEDED = InputRequired(_l("请填写这一项。"))
SHORT = Length(max=100, message=_l("太长了，最多 100 个字符。"))
PASSWORD_HELP = _l("至少 10 个字符，含大写、小写、数字、符号中的三种；或者至少 16 个字符。")


class SignInForm(Form):
    username = StringField(_l("用户名"), [InputRequired(_l("请填写用户名。")), SHORT])
    password = PasswordField(_l("密码"), [InputRequired(_l("请填写密码。")), Length(max=128)])


class ChangePasswordForm(Form):
    old = PasswordField(_l("原密码"), [NEEDED, Length(max=128)])
    new = PasswordField(_l("新密码"), [NEEDED, Length(max=128)], description=PASSWORD_HELP)
    again = PasswordField(_l("再输一次新密码"), [NEEDED, EqualTo("new", _l("两次输入的新密码不一样。"))])


class CreateUserForm(Form):
    name = StringField(_l("姓名"), [NEEDED, SHORT])
    username = StringField(_l("用户名"), [NEEDED, SHORT], description=_l("小写字母、数字、点、横线，至少 2 个字符。"))
    role = SelectField(_l("角色"), choices=[(code, role.label) for code, role in ROLES.items()])
    org = StringField(_l("单位或班级代码"), [NEEDED, SHORT], description=_l("行政区划代码、学校标识码或班级代码。"))
    password = PasswordField(_l("初始密码"), [NEEDED, Length(max=128)], description=PASSWORD_HELP)


class GiveRoleForm(Form):
    role = SelectField(_l("角色"), choices=[(code, role.label) for code, role in ROLES.items()])
    org = StringField(_l("单位或班级代码"), [NEEDED, SHORT])


class ResetPasswordForm(Form):
    password = PasswordField(_l("新的初始密码"), [NEEDED, Length(max=128)], description=PASSWORD_HELP)


class DisableUserForm(Form):
    reason = StringField(_l("原因"), [NEEDED, Length(max=200)])


class ConfirmForm(Form):
    """One button."""
