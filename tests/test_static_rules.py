"""What no template, style sheet or script may hold: inline code, features beyond the floor, half-width punctuation."""

import functools
import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.S)
HAN = "[\u3400-\u9fff]"


def name(path):
    return str(path.relative_to(ROOT))


@functools.cache
def source(path):
    """A template without its comments."""
    return COMMENT.sub("", path.read_text())


def slips_in_templates(rule) -> dict:
    """{template: what the rule found in its text}, of all that break it."""
    return {name(path): found for path in TEMPLATES if (found := rule(source(path)))}


def without_comments(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)


INLINE = {
    "style": r"\bstyle\s*=|<style\b",
    "script": r"<script\b(?![^>]*\bsrc=)|<script\b[^>]*>\s*[^<\s]|javascript:",
    "handler": r"<[^>{]*\son\w+\s*=",
}


def inline_code(html) -> list[str]:
    return [what for what, pattern in INLINE.items() if re.search(pattern, html, re.I)]


def test_a_template_holds_no_inline_style_script_or_handler():
    assert slips_in_templates(inline_code) == {}


def test_it_notices_inline_code():
    for slip in ('<p style="x">', "<style>p {}</style>", "<script>x()</script>", '<script src="x">y()</script>', '<a href="JavaScript:x">', "<b onclick=x>"):
        assert inline_code(slip), slip
    assert not inline_code('<script src="{{ asset(\'js/app.js\') }}" defer></script><p class="style">on = 1</p>')


def foreign_files(html) -> list[str]:
    found = re.findall(r"""/static/|(?:src|href|action)=["']?(?:https?:)?//""", html)
    return found + [address for address in re.findall(r"<(?:script|img)[^>]*\bsrc=\"([^\"]*)\"", html) if not address.startswith("{{")]


def test_a_template_loads_only_our_own_files_by_their_hash():
    assert slips_in_templates(foreign_files) == {}


def test_chinese_has_full_width_punctuation():
    half = re.compile(rf"{HAN}[,;:!?()][^\n]{{0,8}}|[,;!?(]{HAN}[^\n]{{0,8}}")
    assert slips_in_templates(half.findall) == {}


def bare_chinese(html) -> list[str]:
    """Of the county's own forms on paper none: they have no other language."""
    if 'class="paper' in html:
        return []
    return re.findall(rf"{HAN}[^\n]{{0,12}}", re.sub(r"_\(\s*'[^']*'|_\(\s*\"[^\"]*\"|'中文'", "", html))


def test_every_chinese_word_can_be_translated():
    assert slips_in_templates(bare_chinese) == {}


def forms_without_token(html) -> list[str]:
    forms = re.findall(r'<form\b[^>]*method="post".*?(?:</form>|\Z)', html, re.S | re.I)
    return [form for form in forms if "csrf_token" not in form and "hidden(" not in form]


def test_a_form_that_writes_carries_a_token():
    assert slips_in_templates(forms_without_token) == {}


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_styles_stay_above_the_floor_of_old_phones(path):
    css = without_comments(path)
    forbidden = [
        ":has(",
        ":is(",
        ":where(",
        "@layer",
        "oklch",
        "color-mix",
        "inset:",
        "dvh",
        "@container",
        "aspect-ratio",
        "clamp(",
        ":focus-visible",
        "@import",
        "url(",
    ]
    assert [word for word in forbidden if word in css] == []
    assert not re.search(r"^\s*&", css, re.M)
    assert not re.search(r"(?<!grid-)\b(?:row-|column-)?gap\s*:", css)  # flex gap came with Chromium 84, Safari 14.1
    assert "!important" not in css.replace("display: none !important", "")


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_text_sizes_follow_the_phones_own_and_nothing_is_smaller_than_12_px(path):
    css = without_comments(path)
    sizes = re.findall(r"font(?:-size)?:[^;]*?([\d.]+)(px|rem|em|pt)", css)
    assert sizes
    for size, unit in sizes:
        assert unit != "px" or size == "12"  # the axis of a chart, which grows with its drawing
        assert unit != "rem" or float(size) >= 0.75
    assert "text-size-adjust" not in css


def test_the_style_sheet_stays_small():
    content = (ROOT / "static" / "css" / "app.css").read_bytes()
    assert len(content) < 27_000
    assert len(gzip.compress(content, 9)) < 6_400


def test_the_roll_page_loads_little():
    files = [ROOT / "static" / "css" / "app.css", ROOT / "static" / "js" / "app.js", ROOT / "static" / "js" / "roll.js"]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) < 12_000


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_runs_on_old_phones_and_under_the_policy(path):
    script = re.sub(r"//[^\n]*", "", without_comments(path))
    assert not re.search(r"\?\.[a-z(\[]|\?\?|\|\|=|&&=|^\s*(?:import|export)\b|#\w+\s*[=(;]", script, re.M)
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.style\b|localStorage", script)
    assert '"use strict"' in script
    assert "https://" not in script


TOKENS = dict(re.findall(r"(--c-[\w-]+): (#\w+)", (ROOT / "static" / "css" / "app.css").read_text().partition("@media")[0]))
DARK = TOKENS | dict(
    re.findall(r"(--c-[\w-]+): (#\w+)", (ROOT / "static" / "css" / "app.css").read_text().partition("@media")[2].partition("/* shell")[0])
)
PAIRS = [
    ("ink", "bg", 7), ("ink", "card", 7), ("ink2", "card", 4.5), ("ink2", "bg", 4.5), ("ink3", "card", 4.5), ("ink3", "bg", 4.5),
    ("pri", "card", 4.5), ("pri", "bg", 4.5), ("on-pri", "pri", 4.5), ("on-pri", "pri-d", 4.5), ("pri-d", "pri-l", 4.5), ("pri", "pri-l", 4.5),
    ("ok", "ok-l", 4.5), ("ok", "card", 4.5), ("warn", "warn-l", 4.5), ("warn", "card", 4.5), ("bad", "bad-l", 4.5), ("bad", "card", 4.5),
    ("ink2", "pri-l", 4.5), ("ink", "bad-l", 4.5), ("line2", "card", 3),
]  # fmt: skip


def luminance(colour):
    if len(colour) == 4:
        colour = "#" + "".join(letter * 2 for letter in colour[1:])
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [TOKENS, DARK], ids=["light", "dark"])
def test_the_colours_can_be_read(tokens):
    assert [(ink, ground) for ink, ground, least in PAIRS if contrast(tokens[f"--c-{ink}"], tokens[f"--c-{ground}"]) < least] == []


def test_every_class_of_a_template_is_in_the_style_sheet():
    known = {word for sheet in STYLES for word in re.findall(r"\.([a-zA-Z][\w-]*)", sheet.read_text())}
    known |= {"n-info", "t-info", "b-info", "portrait", "a4"}  # as the ground rule has them

    def unknown(html) -> set[str]:
        written = re.findall(r'class="([^"]*)"', html)
        used = {word for words in written for word in re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", words).split()}
        return {word for word in used - known if not word.endswith("-")}

    assert slips_in_templates(unknown) == {}
