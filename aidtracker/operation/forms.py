"""Forms of keeping the site alive."""

from flask_babel import lazy_gettext as _l

from aidtracker.web.fields import Required, TextField, long
from aidtracker.web.forms import Form

WHOLE = Required(_l("请把纸上的字全部输入。"))


class PaperKeyForm(Form):
    one = TextField(_l("第一张纸上的字"), [WHOLE, long(200)])
    other = TextField(_l("另一张纸上的字"), [WHOLE, long(200)])
