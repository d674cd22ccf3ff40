"""What an identity number tells about itself: check digit, day of birth, sex; card numbers too.

Nothing here refuses a number: real people carry numbers with a wrong check digit, or with the
code of a county that has been abolished. Callers warn (GB 11643-1999, domain.md 8).
"""

import datetime

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_WEIGHED = tuple({str(digit): digit * weight for digit in range(10)} for weight in _WEIGHTS)


def id_checksum_ok(number: str) -> bool:
    """True for 18 digits with the right last one; the old 15-digit kind has none, so it is true too."""
    if len(number) == 15:
        return True
    if len(number) != 18:
        return False
    try:
        total = sum([table[digit] for table, digit in zip(_WEIGHED, number, strict=False)])
    except KeyError:
        return False
    return _CHECKS[total % 11] == number[17]


def id_birth(number: str) -> datetime.date | None:
    """The day of birth inside the number; none if it is no day. Old numbers speak of 19xx."""
    digits = number[6:14] if len(number) == 18 else "19" + number[6:12] if len(number) == 15 else ""
    try:
        return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def id_sex(number: str) -> str | None:
    """男 for an odd sequence number, 女 for an even one."""
    digit = number[16:17] if len(number) == 18 else number[14:15] if len(number) == 15 else ""
    if not digit.isdecimal():
        return None
    return "男" if int(digit) % 2 else "女"


def card_checksum_ok(number: str) -> bool:
    """Luhn over 12 to 19 digits. Some old passbook numbers fail it: warn, never refuse."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[0::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0
