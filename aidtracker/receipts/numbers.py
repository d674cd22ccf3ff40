"""回执号 as people type it."""

import re

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread aloud
NUMBER = re.compile(f"[{ALPHABET}]{{5}}-?[{ALPHABET}]{{5}}")


def typed_number(text: str) -> str:
    """ABCDE-23456, however it was typed; '' when it is no 回执号."""
    text = "".join(text.split()).upper()
    if not NUMBER.fullmatch(text):
        return ""
    return text if "-" in text else f"{text[:5]}-{text[5:]}"
