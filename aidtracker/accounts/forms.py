"""Forms of people and their roles."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from aidtracker.accounts.queries import STATES
from aidtracker.accounts.queries_inviting import SEEN
from aidtracker.permissions import ROLES
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import CHOOSE, ChecksField, DayField, OneOf, Required, TextField, choices
from aidtracker.web.forms import Form, ListForm

NEEDED = InputRequired(_l("请填写这一项。"))
SHORT = Length(max=100, message=_l("太长了，最多 100 个字符。"))
PASSWORD_HELP = {
    "dengbao": _l("至少 10 个字符，含大写、小写、数字、符号中的三种；或者至少 16 个字符。"),
    "asvs": _l("至少 12 个字符，不限种类。"),
}


class PersonField(SelectField):
    """One of these people, by id; nobody is chosen before somebody was."""

    def __init__(self, label, **kwargs):
        super().__init__(label, [CHOOSE], coerce=lambda id_: number_or_none(str(id_)), **kwargs)

    def offer(self, people: list[tuple[int, str]]) -> None:
        """None at all when there is nobody."""
        self.choices = [("", _l("请选择")), *people] if people else []


class NewPasswordForm(Form):
    def say_rules(self, rules) -> None:
        """Under the field, as the county has set them."""
        self.new.description = " ".join(str(PASSWORD_HELP[rule]) for rule in sorted(rules, reverse=True))


class SignInForm(Form):
    username = StringField(_l("用户名"), [InputRequired(_l("请填写用户名。")), SHORT])
    password = PasswordField(_l("密码"), [InputRequired(_l("请填写密码。")), Length(max=128)])
    is_shared = BooleanField(_l("公用手机：15 分钟不用就退出，最长 2 小时"))


class ChangePasswordForm(NewPasswordForm):
    old = PasswordField(_l("原密码"), [NEEDED, Length(max=128)])
    new = PasswordField(_l("新密码"), [NEEDED, Length(max=128)])
    again = PasswordField(_l("再输一次新密码"), [NEEDED, EqualTo("new", _l("两次输入的新密码不一样。"))])


class CodeForm(Form):
    code = TextField(_l("手机上的 6 位验证码"), [OneOf(), Length(max=20)], normal=True)
    recovery = TextField(_l("恢复码"), [OneOf(), Length(max=40)], normal=True)

    def validate_code(self, field):
        if not (field.data or self.recovery.data):
            raise ValidationError(str(_l("请填写手机上的 6 位验证码，或者一个恢复码。")))


class SetSecondFactorForm(Form):
    code = TextField(_l("手机上显示的 6 位验证码"), [Required(_l("请填写手机上显示的 6 位验证码。")), Length(max=20)], normal=True)


class ResetSecondFactorForm(Form):
    reason = TextField(_l("原因"), [Required(_l("请写明原因，例如：手机丢失，已当面核对本人。")), Length(max=200)])


class ProofForm(Form):
    proof = PasswordField(_l("密码"), [NEEDED])


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
    user = PersonField(_l("教师"))
    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])


class SubstituteForm(Form):
    """Somebody from one day to another, and why: 代课, 代理."""

    user = PersonField(_l("教师"))
    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])
    ends_on = DayField(_l("到哪天止"), [Required(_l("请填写结束日期。"))])
    reason = TextField(_l("原因"), [Required(_l("请写明原因，例如：产假。")), Length(max=200)])


class DelegateForm(SubstituteForm):
    user = PersonField(_l("代理人"))


class HandOverForm(Form):
    """A select for each class, teacher-CLASS, stands in the page; `choices_of` reads them."""

    starts_on = DayField(_l("从哪天起"), [Required(_l("请填写日期。"))])


class LeaverForm(Form):
    last_day = DayField(_l("最后一天"), [Required(_l("请填写在岗的最后一天。"))])
    user = SelectField(_l("没办完的事交给"), coerce=int)
    reason = TextField(_l("原因"), [Required(_l("请写明离任的原因，例如：调往外县。")), Length(max=200)])


class EditUserForm(Form):
    name = TextField(_l("姓名"), [NEEDED, SHORT])


class DisableUserForm(Form):
    reason = TextField(_l("原因"), [Required(_l("请写明停用的原因，例如：已调离。")), Length(max=200)])


class OpenInvitationForm(Form):
    """A QR code brings the token, which app.js takes from behind the # of the address; else name and code are typed."""

    token = HiddenField(validators=[Length(max=64)])
    username = TextField(_l("用户名"), [OneOf(), Length(max=60)], normal=True)
    code = TextField(_l("邀请码"), [OneOf(), Length(max=20)], normal=True)

    def validate_code(self, field):
        if not self.token.data and not (field.data and self.username.data):
            raise ValidationError(str(_l("请填写邀请单上的用户名和邀请码。")))


class ChoosePasswordForm(NewPasswordForm):
    token = HiddenField()
    username = HiddenField()
    code = HiddenField()
    new = PasswordField(_l("新密码"), [NEEDED, Length(max=128)])
    again = PasswordField(_l("再输一次新密码"), [NEEDED, EqualTo("new", _l("两次输入的新密码不一样。"))])
    is_shared = BooleanField(_l("公用手机：15 分钟不用就退出，最长 2 小时"))


class NotYetInForm(ListForm):
    q = TextField(_l("姓名或用户名"))


class InviteForm(Form):
    """What the list was narrowed to."""

    org = HiddenField()
    q = HiddenField()


class UnusedForm(ListForm):
    q = TextField(_l("姓名或用户名"))
    seen = SelectField(_l("登录"), choices=choices(SEEN), default="never")
    days = SelectField(_l("多久没有登录"))

    def choose_days(self, standing: int) -> int:
        """As asked for, else as the county has set it."""
        self.days.choices = [(str(days), _l("%(n)s 天", n=days)) for days in sorted({30, 90, 180, 365, standing})]
        self.days.data = self.chosen("days", str(standing))
        return int(self.days.data)


class DisableUsersForm(Form):
    users = ChecksField(_l("停用谁"), coerce=int)
    reason = TextField(_l("原因"), [Required(_l("请写明停用的原因，例如：已调离。")), Length(max=200)])


class ExportForm(Form):
    org = HiddenField()


class UserFilterForm(Form):
    q = TextField(_l("姓名或用户名"))
    role = SelectField(_l("角色"), choices=[("", _l("全部")), *((code, _l(role.label)) for code, role in ROLES.items())], default="")
    state = SelectField(_l("状态"), choices=[("", _l("全部")), *((code, _l(word)) for code, word in STATES.items())], default="")
