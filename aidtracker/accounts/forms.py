"""Forms of people and their roles."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from aidtracker.accounts.queries import STATES
from aidtracker.permissions import ROLES
from aidtracker.web.fields import DayField, Required, TextField
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
    org = HiddenField()
    name = TextField(_l("姓名"), [NEEDED, SHORT])
    username = TextField(_l("用户名"), [NEEDED, SHORT], normal=True)
    role = SelectField(_l("角色"), [NEEDED])


class GiveRoleForm(Form):
    org = HiddenField()
    role = SelectField(_l("角色"), [NEEDED])
    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])


class AssignTeacherForm(Form):
    user = SelectField(_l("教师"), [NEEDED], coerce=int)
    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])


class EditUserForm(Form):
    name = TextField(_l("姓名"), [NEEDED, SHORT])


class DisableUserForm(Form):
    reason = TextField(_l("原因"), [Required(_l("请写明停用的原因，例如：已调离。")), Length(max=200)])


class UserFilterForm(Form):
    q = TextField(_l("姓名或用户名"))
    role = SelectField(_l("角色"), choices=[("", _l("全部")), *((code, _l(role.label)) for code, role in ROLES.items())], default="")
    state = SelectField(_l("状态"), choices=[("", _l("全部")), *((code, _l(word)) for code, word in STATES.items())], default="")
