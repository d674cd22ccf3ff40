"""Forms of labelled boxes as counties print them (记录表), knowing no student: one A4 page each, on paper and as a sheet of a workbook."""

import datetime
import io
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Border, Font, Side
from PIL import Image as Picture

from aidtracker.excel.output import Target, display_width, header_text, put_value, save, sheet_names
from aidtracker.practice import marked, stamped

THIRDS = 3  # pairs of label and value side by side
LABEL_WIDTH, VALUE_WIDTH = 13, 17  # half-width characters
LINE_HEIGHT, ROW_HEIGHT, MILLIMETRE = 15, 24, 2.835
CODE_SIDE = 84  # pixels of a QR in the corner
THIN = Side(style="thin", color="FF000000")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
SONG, HEI = "宋体", "黑体"


class Box(NamedTuple):
    """A label and what stands beside it, over one, two or three thirds of the page; `height` in millimetres, 0: one line."""

    label: str
    text: str = ""
    thirds: int = 1
    height: int = 0


class Page(NamedTuple):
    """`code` is printed as a QR of `address` and in letters; `notes` stand below the boxes."""

    title: str
    name: str  # of the sheet
    rows: tuple[tuple[Box, ...], ...]
    notes: tuple[str, ...] = ()
    code: str = ""
    address: str = ""


def write_pages(pages: Sequence[Page], target: Target, watermark: str | None = None, qr=None, made_at: datetime.datetime | None = None) -> None:
    """A workbook with a sheet for each page. `qr(address)` gives the rows of dark and light modules. Texts stay texts, whatever they begin with."""
    workbook, watermark = Workbook(), stamped(watermark)
    workbook.remove(workbook.active)
    for page, name in zip(pages, sheet_names(marked(page.name) for page in pages), strict=True):
        sheet = workbook.create_sheet(name)
        set_page(sheet, watermark)
        write_page(sheet, page)
        if page.address and qr:
            sheet.add_image(picture_of(qr(page.address)), "F1")
    if watermark:
        workbook.properties.identifier = watermark
    save(workbook, target, made_at)


def set_page(sheet, watermark: str | None) -> None:
    for column in "ABCDEF":
        sheet.column_dimensions[column].width = LABEL_WIDTH if column in "ACE" else VALUE_WIDTH
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "portrait"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.header, margins.footer = 0.7, 0.6, 0.3, 0.3
    if watermark:
        sheet.HeaderFooter.oddHeader.center.text = header_text(watermark)
        sheet.HeaderFooter.oddHeader.center.size = 8


def write_page(sheet, page: Page) -> None:
    title_end = "E" if page.code else "F"
    put(sheet, "A1", f"A1:{title_end}1", marked(page.title), Font(name=SONG, size=18, bold=True), "center")
    sheet.row_dimensions[1].height = 66 if page.code else 36
    line = 2
    if page.code:
        put(sheet, "A2", "A2:F2", f"编号 {page.code}", Font(name=HEI, size=12), "right")
        sheet.row_dimensions[2].height, line = 20, 3
    for boxes in page.rows:
        write_row(sheet, line, boxes)
        line += 1
    for note in page.notes:
        put(sheet, f"A{line}", f"A{line}:F{line}", note, Font(name=SONG, size=10), "left")
        line += 1
    sheet.print_area = f"A1:F{line - 1}"


def write_row(sheet, line: int, boxes: Sequence[Box]) -> None:
    column, height = 0, ROW_HEIGHT
    for box in boxes:
        label, first, last = ("ABCDEF"[at] for at in (column, column + 1, column + 2 * box.thirds - 1))
        put(sheet, f"{label}{line}", None, box.label, Font(name=HEI, size=11), "center", BOX)
        put(sheet, f"{first}{line}", f"{first}{line}:{last}{line}", box.text, Font(name=SONG, size=11), "left", BOX)
        room = VALUE_WIDTH * box.thirds + LABEL_WIDTH * (box.thirds - 1) - 2
        lines = sum(ceil(display_width(part) / room) or 1 for part in box.text.split("\n"))
        height = max(height, lines * LINE_HEIGHT + 8, box.height * MILLIMETRE)
        column += 2 * box.thirds
    sheet.row_dimensions[line].height = min(height, 400)


def put(sheet, place: str, merged: str | None, text: str, font: Font, horizontal: str, border: Border | None = None) -> None:
    cell = sheet[place]
    cell.font, cell.alignment = font, Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
    put_value(cell, text)
    if border:
        for row in sheet[merged or f"{place}:{place}"]:
            for each in row:
                each.border = border
    if merged and merged.partition(":")[0] != merged.partition(":")[2]:
        sheet.merge_cells(merged)


def picture_of(rows: Sequence[Sequence[int]]) -> Image:
    """Black on white with a border of two modules, four pixels each."""
    side = len(rows) + 4
    drawn = Picture.new("1", (side, side), 1)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                drawn.putpixel((x + 2, y + 2), 0)
    file = io.BytesIO()
    drawn.resize((side * 4, side * 4)).save(file, "PNG")
    found = Image(file)
    found.width = found.height = CODE_SIDE
    return found
