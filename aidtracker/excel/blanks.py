"""Blank workbooks to fill in: headings with ★, text columns, drop-downs, and a second sheet that explains."""

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from aidtracker.excel.columns import Column, SheetSpec, heading_label
from aidtracker.excel.output import Target, display_width, escaped, lie_down, save, sheet_names
from aidtracker.practice import marked

_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_MUST = PatternFill("solid", fgColor="FFFFF2CC")
_MAY = PatternFill("solid", fgColor="FFE7E6E6")
_ROWS = 5_000  # so many lines have drop-downs
_INLINE_LIST = 255  # characters that Excel allows inside a rule; longer lists stand on a hidden sheet
_GUIDE, _CHOICES = "填表说明", "选项"


def write_blank(specs: SheetSpec | Sequence[SheetSpec], title: str, target: Target) -> None:
    """The blank workbook of an import: one sheet for each spec. Nothing in it could be imported by mistake."""
    specs = [specs] if isinstance(specs, SheetSpec) else list(specs)
    workbook = Workbook()
    workbook.remove(workbook.active)
    names = sheet_names(spec.name or title for spec in specs)
    sheets = [workbook.create_sheet(name) for name in names]
    guide, choices = workbook.create_sheet(_GUIDE), workbook.create_sheet(_CHOICES)
    choices.sheet_state = "hidden"
    for spec, sheet in zip(specs, sheets, strict=True):
        _write_form(sheet, spec, title, choices)
    _write_guide(guide, specs, names)
    if choices.max_column == 1 and choices["A1"].value is None:
        workbook.remove(choices)
    save(workbook, target)


def _write_form(sheet: Worksheet, spec: SheetSpec, title: str, choices: Worksheet) -> None:
    _put(sheet, 1, 1, marked(title)).font = Font(name="宋体", size=16, bold=True)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(spec.columns))
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 32, 30
    for index, column in enumerate(spec.columns, 1):
        cell = _put(sheet, 2, index, heading_label(column.heading) + ("★" if column.required else ""))
        cell.font = Font(name="黑体", size=11)
        cell.fill = _MUST if column.required else _MAY
        cell.border = _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = min(max(display_width(column.heading) + 4, display_width(column.example) + 2, 10), 30)
        dimension.number_format = "@"
        dimension.font = Font(name="宋体", size=11)
        if column.labels:
            _add_list(sheet, index, column, choices)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "2:2"
    lie_down(sheet)


def _add_list(sheet: Worksheet, index: int, column: Column, choices: Worksheet) -> None:
    labels = ",".join(column.labels)
    if len(labels) <= _INLINE_LIST and not any("," in label or '"' in label for label in column.labels):
        source = f'"{labels}"'
    else:
        source = _listed(choices, column)
    letter = get_column_letter(index)
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "请从列表中选择", f"「{heading_label(column.heading)}」请从下拉列表中选择。"[:200]
    rule.add(f"{letter}3:{letter}{_ROWS + 2}")
    sheet.add_data_validation(rule)


def _listed(choices: Worksheet, column: Column) -> str:
    place = 1 if choices["A1"].value is None else choices.max_column + 1
    for row, label in enumerate((heading_label(column.heading), *column.labels), 1):
        _put(choices, row, place, label)
    letter = get_column_letter(place)
    return f"'{choices.title}'!${letter}$2:${letter}${len(column.labels) + 1}"


def _write_guide(sheet: Worksheet, specs: Sequence[SheetSpec], names: Sequence[str]) -> None:
    lines = [
        "一、带 ★ 的列必须有，表头请不要改动；其他列可以空着，也可以删去。",
        "二、身份证号、学籍号、银行卡号、电话请按文本填写，本表已设为文本格式。",
        "三、日期写成 2012-03-05、2012.3.5、20120305 都可以。",
        "四、请从「" + names[0] + "」的表头下面一行开始填写；本页不会被读取。",
    ]
    for row, line in enumerate(lines, 1):
        _put(sheet, row, 1, line)
    row = len(lines) + 2
    for spec, name in zip(specs, names, strict=True):
        for place, label in enumerate(("列", "必填", "怎么填", "示例"), 1):
            cell = _put(sheet, row, place, f"{name}：{label}" if place == 1 and len(specs) > 1 else label)
            cell.font, cell.fill, cell.border = Font(name="黑体", size=11), _MAY, _BOX
        for row, column in enumerate(spec.columns, row + 1):  # noqa: B020
            values = (heading_label(column.heading), "是" if column.value_required else "", _hint(column), column.example)
            for place, value in enumerate(values, 1):
                cell = _put(sheet, row, place, value)
                cell.border, cell.alignment = _BOX, Alignment(vertical="center", wrap_text=True)
        row += 2
    for letter, width in zip("ABCD", (24, 8, 60, 26), strict=True):
        sheet.column_dimensions[letter].width = width


def _hint(column: Column) -> str:
    return column.hint or ("从列表中选择：" + "、".join(column.labels) if column.labels else "")


def _put(sheet: Worksheet, row: int, column: int, value: str):
    """A cell that is text whatever it begins with."""
    cell = sheet.cell(row, column)
    cell._value, cell.data_type = escaped(value), "s"
    cell.number_format = "@"
    return cell
