"""The code of a paper form: eight letters and digits, printed in two groups, as people type it back."""

import re
import secrets

from aidtracker.receipts.numbers import ALPHABET

LENGTH, HALF = 8, 4
CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
TRAIL = re.compile(r".*/papers/")  # somebody pasted the address that the QR holds


def new_code() -> str:
    """39 bits: nobody guesses another's, and whoever did would still have to reach the pupil."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def typed_code(text: str) -> str:
    """ABCD2345, however it was typed or scanned; '' when it is none."""
    found = TRAIL.sub("", "".join(text.split())).replace("-", "").replace("－", "").upper()
    return found if CODE.fullmatch(found) else ""


def shown_code(code: str) -> str:
    return f"{code[:HALF]}-{code[HALF:]}" if code else ""
