"""SVG drawn on the server: line, bars, stacked bars, each with title, description and the numbers as text.

Classes only (the CSP forbids style attributes); colours, fonts and hatching are in app.css. 360 units wide.
"""

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from markupsafe import Markup, escape

WIDTH = 360
ROW = 24  # height of a bar with its gap
THICK = 18
LETTER = 12  # width of a Chinese character
MOST_BARS = 10
LONGEST_LABEL = 9  # characters; a longer name is whole in its tooltip


class Bar(NamedTuple):
    label: str
    value: float
    href: str = ""
    kind: str = "pri"  # pri, ok, warn or bad


class Stack(NamedTuple):
    label: str
    values: Sequence[float]
    href: str = ""


def line(points: Sequence[tuple[str, float | None]], *, title, desc="", target=None, unit="%", target_word="目标") -> Markup:
    """Trend of (label, value) in order; None leaves a gap. The target is dashed and named. '' without any value."""
    values = [value for _, value in points if value is not None]
    if not values:
        return Markup("")
    low, high, step = scale_of(values if target is None else [*values, target])
    top, bottom, left, right = 12, 172, 34, WIDTH - 8

    def y(value):
        return round(bottom - (value - low) * (bottom - top) / (high - low), 1)

    def x(index):
        return round(left + index * (right - left) / max(1, len(points) - 1), 1)

    drawn = []
    for tick in ticks(low, high, step):
        drawn += [tag("path", cls="rule", d=f"M{left} {y(tick)}H{right}"), text(left - 6, y(tick) + 4, plain(tick), "end")]
    if target is not None:
        drawn.append(tag("path", cls="aim", d=f"M{left} {y(target)}H{right}"))
    drawn.append(tag("path", cls="trend", d=path_of(points, x, y)))
    for index, (label, value) in enumerate(points):
        if value is not None:
            told = tag("title", f"{label} {plain(value)}{unit}")
            drawn.append(tag("circle", told, cls="dot", cx=x(index), cy=y(value), r=2))
        if index % -(-len(points) // 5) == 0:
            drawn.append(text(max(x(index), left + 6), bottom + 18, label, "mid"))
    if target is not None:  # last, so that the trend does not run through the words
        drawn.append(text(left + 4, y(target) + 14, f"{target_word} {plain(target)}{unit}", "aim-word"))
    return svg(bottom + 24, title, desc, drawn)


def bars(rows: Sequence[Bar], *, title, desc="", unit="", rest_word="其余") -> Markup:
    """Horizontal bars in the order given, linked where there is an address. After ten, counts are summed in one."""
    shown = list(rows)
    if len(shown) > MOST_BARS:
        shown[MOST_BARS:] = [Bar(rest_word, sum(row.value for row in shown[MOST_BARS:]))]
    left, most = label_width(shown), max((row.value for row in shown), default=0) or 1
    drawn = []
    for index, row in enumerate(shown):
        y, width = index * ROW + 3, round(row.value * (WIDTH - left - 52) / most, 1)
        bar = [name_of(row.label, left, y), rect(left, y, width, THICK, row.kind)]
        drawn.append(linked(row.href, [*bar, text(left + width + 5, y + 13, f"{plain(row.value)}{unit}", "word")]))
    return svg(len(shown) * ROW + 4, title, desc, drawn)


def stacked(rows: Sequence[Stack], *, series: Sequence[tuple[str, str]], title, desc="", unit="") -> Markup:
    """Parts of a whole: series = [(word, kind)]; what is bad is hatched, so that it shows without colour."""
    left, most = label_width(rows), max((sum(row.values) for row in rows), default=0) or 1
    hatch = "h" + id_of(title)
    drawn = [hatching(hatch), *legend(series, left, hatch)]
    for index, row in enumerate(rows):
        y, x, parts = (index + 1) * ROW + 1, float(left), [name_of(row.label, left, (index + 1) * ROW + 1)]
        for value, (word, kind) in zip(row.values, series, strict=True):
            width = value * (WIDTH - left - 40) / most
            parts.append(rect(x, y, width, THICK, kind, hatch, f"{row.label} {word} {plain(value)}{unit}"))
            x += width
        drawn.append(linked(row.href, [*parts, text(x + 5, y + 13, plain(sum(row.values)), "word")]))
    return svg((len(rows) + 1) * ROW + 4, title, desc, drawn)


def tag(name: str, *inside, **attributes) -> Markup:
    """An element; what is not Markup is escaped. cls stands for class, patternUnits and the like go as they are."""
    written = "".join(f' {"class" if key == "cls" else key}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{written}>{''.join(escape(part) for part in inside)}</{name}>")  # noqa: S704 escaped above


def text(x: float, y: float, words: str, cls: str) -> Markup:
    return tag("text", words, cls=cls, x=round(x, 1), y=round(y, 1))


def rect(x, y, width, height, kind, hatch="", words="") -> Markup:
    """A coloured piece; where there is a hatch, a second one on top hatches what is bad."""
    size = {"x": round(x, 1), "y": y, "width": round(width, 1), "height": height}
    told = tag("title", words) if words else ""
    piece = tag("rect", told, cls=f"k-{kind}", **size)
    return piece + tag("rect", told, fill=f"url(#{hatch})", **size) if hatch and kind == "bad" else piece


def hatching(name: str) -> Markup:
    size = {"width": 5, "height": 5, "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return tag("defs", tag("pattern", tag("path", cls="hatch", d="M0 0V5"), id=name, **size))


def legend(series, left: float, hatch: str) -> list[Markup]:
    drawn, x = [], left
    for word, kind in series:
        drawn += [rect(x, 3, 11, 11, kind, hatch), text(x + 15, 13, word, "word")]
        x += 27 + LETTER * len(word)
    return drawn


def linked(href: str, parts: Sequence[Markup]) -> Markup:
    return tag("a", *parts, href=href) if href else Markup("").join(parts)


def svg(height: float, title: str, desc: str, drawn: Sequence[Markup]) -> Markup:
    """A group, not an image: screen readers reach its texts and links."""
    name = "c" + id_of(title)
    told = [tag("title", title, id=name), tag("desc", desc or title, id=f"{name}d")]
    named = {"aria-labelledby": name, "aria-describedby": f"{name}d"}
    return tag("svg", *told, *drawn, cls="chart", viewBox=f"0 0 {WIDTH} {height}", role="group", **named)


def id_of(title: str) -> str:
    """Differs between the charts of one page, the same each time the page is drawn."""
    return f"{crc32(title.encode()):x}"


def path_of(points, x, y) -> str:
    """M after a gap, L otherwise."""
    parts, pen_up = [], True
    for index, (_, value) in enumerate(points):
        if value is not None:
            parts.append(f"{'M' if pen_up else 'L'}{x(index)} {y(value)}")
        pen_up = value is None
    return "".join(parts)


def scale_of(values: Sequence[float]) -> tuple[float, float, float]:
    """Round bounds around the values, and the step of the axis: two to five steps."""
    low, high = min(values), max(values)
    sizes = [size * 10.0**power for power in range(-2, 12) for size in (1, 2, 5)]
    step = next((size for size in sizes if (high - low) / size <= 4), sizes[-1])
    bottom, top = low // step * step, -(-high // step) * step
    return bottom, top if top > bottom else bottom + step, step


def ticks(low: float, high: float, step: float) -> list[float]:
    return [round(low + index * step, 6) for index in range(round((high - low) / step) + 1)]


def label_width(rows: Sequence) -> int:
    return min(LONGEST_LABEL, max((len(row.label) for row in rows), default=0)) * LETTER + 10


def name_of(label: str, left: float, y: float) -> Markup:
    """The name left of its bar, cut where it is too long."""
    if len(label) <= LONGEST_LABEL:
        return text(left - 6, y + 13, label, "end word")
    return tag("text", tag("title", label), label[: LONGEST_LABEL - 1] + "…", cls="end word", x=left - 6, y=y + 13)


def plain(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{round(value, 2):,.10g}"
