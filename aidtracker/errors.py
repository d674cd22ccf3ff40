"""Refused: a rule said no, and its message is fit to show the user.

Messages are the Chinese source strings (the ids of the catalogue); a door translates `text`
with `params`. `status` is what an HTTP door answers.
"""


class Refused(Exception):
    status = 400

    def __init__(self, text: str, /, **params):
        self.text = text
        self.params = params
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return self.text % self.params if self.params else self.text


class Forbidden(Refused):
    """Inside the reader's scope, without the right."""

    status = 403


class ProofNeeded(Refused):
    """Whoever is signed in has given password or code too long ago for this."""

    status = 401

    def __init__(self):
        super().__init__("请先再确认一次是你本人，然后接着办。")


class NotFound(Refused):
    """Outside the reader's scope a thing does not exist; the answer is the same for both."""

    status = 404

    def __init__(self, text: str = "没有找到这条记录，可能已被合并或地址不对。", **params):
        super().__init__(text, **params)


class Conflict(Refused):
    """Somebody else wrote first; `theirs` is what stands now."""

    status = 409

    def __init__(self, text: str, theirs=None, **params):
        self.theirs = theirs
        super().__init__(text, **params)


class KeyReused(Refused):
    """One idempotency key with two different bodies."""

    status = 422

    def __init__(self):
        super().__init__("这次提交的编号已经用过，内容却不一样。请刷新页面，核对后重新提交。")


class CannotStart(Exception):
    """The installation is unsafe or unfinished; the operator must act first."""
