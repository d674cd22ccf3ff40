"""Masks: what most people see of a number or a name. None and '' give ''; what is too short is hidden whole."""


def mask_id(text: str | None) -> str:
    """身份证号: first three (province and city) and last four, 510***********2345."""
    return _masked(text, 3, 4)


def mask_student_number(text: str | None) -> str:
    """学籍号 is as secret as the ID, which it contains behind a letter: G510***********2345."""
    letter = text[:1] if text and text[:1].isalpha() else ""
    return letter + _masked((text or "")[len(letter) :], 3, 4)


def mask_phone(text: str | None) -> str:
    """138****1234."""
    return _masked(text, 3, 4)


def mask_bank(text: str | None) -> str:
    """银行卡号: only the last four."""
    return _masked(text, 0, 4)


def mask_name(text: str | None) -> str:
    """For 公示 in counties that mask names: the first character and at most three stars, 张**."""
    if not text:
        return ""
    return "*" if len(text) == 1 else text[0] + "*" * min(len(text) - 1, 3)


def _masked(text: str | None, first: int, last: int) -> str:
    """Fewer than three hidden characters hide nothing, so a short text is hidden whole."""
    if not text:
        return ""
    hidden = len(text) - first - last
    if hidden < 3:
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[-last:]
