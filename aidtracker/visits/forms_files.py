"""Fields that bring photos and a drawn signature: as files of the page's form, or as text from a phone's outbox."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, MultipleFileField, SelectField

from aidtracker.attachments.data_urls import data_of
from aidtracker.attachments.limits import MOST_BYTES
from aidtracker.visits.evidence import Evidence
from aidtracker.visits.models import NO_PHOTO, UNSIGNED
from aidtracker.web.fields import choices
from aidtracker.web.forms import Form

NOT_SAID = ("", _l("不用填"))


class PhotosField(MultipleFileField):
    """`data` is a list of bytes; a field of the page that was left empty is none."""

    def process_formdata(self, valuelist):
        self.data = []
        for sent in filter(None, valuelist):
            data = data_of(sent) if isinstance(sent, str) else sent.read(MOST_BYTES + 1)
            if data is None:
                raise ValueError(_l("这张照片打不开，请换一张或直接拍照。"))
            if data:
                self.data.append(data)


class SignatureField(HiddenField):
    """`drawn` is what photos.js drew, None when there is nothing."""

    drawn: bytes | None = None

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        if self.data:
            self.drawn = data_of(self.data)
            if self.drawn is None:
                self.data = ""
                raise ValueError(_l("签字没有写好。请点「重写」再签一次，或选一个没有签字的原因。"))


class FilesForm(Form):
    """Photos to which the guardian agreed, and the guardian's signature; none of it has to be there."""

    photo = PhotosField(_l("照片"))
    is_agreed = BooleanField(_l("监护人知道并同意拍照"))
    signature = SignatureField(_l("监护人签字"))

    def evidence(self, named: tuple[str, ...] = ()) -> Evidence:
        return Evidence(tuple(self.photo.data or ()), self.signature.drawn, bool(self.is_agreed.data), named)


class WhyNone(Form):
    no_photo = SelectField(_l("没有照片的原因"), choices=[NOT_SAID, *choices(NO_PHOTO)], default="")
    unsigned = SelectField(_l("没有签字的原因"), choices=[NOT_SAID, *choices(UNSIGNED)], default="")

    def why_none(self) -> dict[str, str]:
        return {"no_photo": self.no_photo.data or "", "unsigned": self.unsigned.data or ""}
