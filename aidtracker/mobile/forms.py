"""The text that somebody without signal handed over."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from aidtracker.mobile.handing import LONGEST
from aidtracker.web.fields import Required, long
from aidtracker.web.forms import Form


class HandInForm(Form):
    text = TextAreaField(_l("老师发来的文字"), [Required(_l("请把老师复制的整段文字粘贴到这里。")), long(LONGEST)])
