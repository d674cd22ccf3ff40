"""包保责任人 as a workbook: who answers for which place or child, as the list shows them."""

from aidtracker.cases.models_responsibility import DUTIES, LINES
from aidtracker.crypto.masking import mask_phone
from aidtracker.excel.tables import Heading, Table

LABELS = ("姓名", "包保谁", "哪条线", "七长", "职务", "联系电话")


def responsible_table(rows, place: str) -> Table:
    headings = [*(Heading(label) for label in LABELS), Heading("从哪天起", kind="day"), Heading("到哪天止", kind="day")]
    lines = [
        [row.name, row.student_name or row.org_name, LINES[row.line], DUTIES[row.duty], row.post, mask_phone(row.phone) if row.phone else "", row.starts_on, row.ends_on]
        for row in rows
    ]
    return Table(title=f"{place}包保责任人名单", sheet_name="包保责任人", headings=headings, rows=lines, organization=place)
