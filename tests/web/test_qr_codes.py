"""QR codes as the template draws them: module for module what segno made."""

import re

import segno

from aidtracker.web.qr_codes import BORDER, qr_code


def test_the_path_draws_every_dark_module_and_no_other():
    text = "https://aid.example/invitation#" + "Az09-_" * 7
    drawn, matrix = qr_code(text), [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn.path):
        dark |= {(int(x) - BORDER + n, int(y) - BORDER) for n in range(int(width))}
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert drawn.side == len(matrix) + 2 * BORDER
