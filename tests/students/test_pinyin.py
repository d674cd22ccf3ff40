"""What a name is found by."""

import subprocess
import sys
import time

import pytest

from aidtracker.students.pinyin import LONGEST, first_pinyin, readings


@pytest.mark.parametrize(
    ("name", "found_by"),
    [
        ("王小明", "wangxiaoming wxm xiaoming 小明 明"),
        ("单雄信", "shanxiongxin danxiongxin sxx dxx 雄信"),
        ("仇英", "qiuying chouying"),
        ("曾国藩", "zengguofan cengguofan zgf"),
        ("尉迟恭", "yuchigong ycg"),
        ("万俟卨", "moqixie mqx"),
        ("欧阳娜娜", "ouyangnana oynn nana"),
        ("吕布", "lvbu lubu lb"),
        ("赵乐行", "zhaolexing zhaoyuehang zlx zyh"),
        ("阿卜杜热合曼·买买提", "abodurehemanmaimaiti 阿卜杜热合曼买买提 买买提 maimaiti"),
        ("次仁卓玛", "cirenzhuoma crzm 卓玛"),
    ],
)
def test_a_name_is_found_by_each_of_these(name, found_by):
    assert set(found_by.split()) <= set(readings(name))


def test_the_whole_name_is_not_among_them_and_nothing_comes_twice():
    for name in ("王小明", "乐乐", "王", "Anna"):
        found = readings(name)
        assert name not in found and len(set(found)) == len(found) and "" not in found


@pytest.mark.parametrize("name", ["䶮", "𠮷", "王𫖯", "㙓㙓", "·", "", "\U000323af明", "X"])
def test_rare_characters_never_fail(name):
    assert isinstance(readings(name), tuple)
    assert isinstance(first_pinyin(name), str)


def test_latin_letters_are_lower_case():
    assert "anna" in readings("ANNA") and first_pinyin("ANNA") == "anna"


def test_a_very_long_name_fits_the_column():
    name = "阿卜杜热合曼买买提" * 11
    assert max(map(len, readings(name))) <= LONGEST and len(first_pinyin(name)) <= LONGEST
    assert len(readings(name)) < 40


def test_first_pinyin_reads_a_family_name_as_one():
    assert first_pinyin("单小单") == "shanxiaoshan"
    assert first_pinyin("解晓东") == "xiexiaodong"
    assert first_pinyin("尉迟恭") == "yuchigong"


def test_a_thousand_names_cost_little():
    names = [family + given for family in "王李张刘陈杨黄赵吴周" for given in ("伟", "小明", "卓玛", "建国")] * 25
    readings(names[0])
    began = time.perf_counter()
    for name in names:
        readings(name)
    assert time.perf_counter() - began < 0.2


def test_pypinyin_itself_is_never_imported():
    program = "import sys; from aidtracker.students.pinyin import readings; readings('王小明'); sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
