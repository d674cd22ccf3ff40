"""What a name is found by: its pinyin, its initials, the parts of it.

Only the table of single characters is read from pypinyin (20 ms, at the first name), not the whole package:
its phrases cost ten times that and say nothing about names. Surnames have readings of their own (单 is shan,
not dan), and some characters have two living ones (乐 is le or yue): both are kept, since nobody knows
which one the family uses, and the person who searches types either.
"""

import importlib.util
import itertools
import json
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

LONGEST = 200  # letters of one reading, as the column holds
MOST_READINGS = 8  # spellings of one name
MOST_PARTS = 12  # parts of one name: 阿卜杜热合曼·买买提 has nine
DOTS = dict.fromkeys(map(ord, "·•‧・．.∙⋅●　 -'’"), " ")  # between the parts of a name, as people type them
SEPARATORS = dict.fromkeys(DOTS)

SURNAMES = """
单 shan dan; 仇 qiu chou; 曾 zeng ceng; 查 zha cha; 翟 zhai di; 区 ou qu; 解 xie jie; 朴 piao pu; 盖 ge gai;
华 hua; 任 ren; 乐 yue le; 冼 xian; 洗 xian xi; 种 chong zhong; 缪 miao mou; 乜 nie mie; 员 yun yuan; 黑 he hei;
折 she zhe; 逄 pang; 郇 xun huan; 隗 wei kui; 谌 chen shen; 覃 qin tan; 祭 zhai ji; 秘 bi mi; 繁 po fan;
郗 xi chi; 都 du dou; 召 shao zhao; 宿 su xiu; 柏 bai bo; 藏 zang cang; 牟 mu mou; 句 gou ju; 薄 bo bao;
那 na nuo; 瞿 qu ju; 尉 wei yu; 撒 sa; 晟 cheng sheng; 盛 sheng cheng; 车 che ju; 贾 jia gu; 谷 gu yu;
石 shi dan; 卜 bu bo; 会 gui hui; 长 zhang chang; 重 chong zhong; 相 xiang; 万 wan mo; 宓 mi fu; 令 ling;
洼 wa gui; 幺 yao; 行 xing hang; 佴 nai er; 戗 qiang; 仉 zhang; 亓 qi; 啜 chuai chuo; 嵇 ji
"""  # the reading as a family name comes first
DOUBLE = """
尉迟 yu/wei chi; 万俟 mo/wan qi/si; 长孙 zhang/chang sun; 单于 chan/shan yu; 澹台 tan/dan tai; 乐正 yue/le zheng;
令狐 ling hu; 欧阳 ou yang; 上官 shang guan; 司马 si ma; 司徒 si tu; 诸葛 zhu ge; 皇甫 huang fu; 夏侯 xia hou;
东方 dong fang; 慕容 mu rong; 宇文 yu wen; 公孙 gong sun; 轩辕 xuan yuan; 钟离 zhong li; 呼延 hu yan;
鲜于 xian yu; 端木 duan mu; 南宫 nan gong; 西门 xi men; 申屠 shen tu; 淳于 chun yu; 赫连 he lian; 闻人 wen ren;
濮阳 pu yang; 独孤 du gu; 拓跋 tuo ba; 太史 tai shi
"""  # family names of two characters
LIVING = """
乐 le yue; 行 xing hang; 朝 chao zhao; 长 chang zhang; 重 chong zhong; 茜 qian xi; 晟 sheng cheng; 柏 bai bo;
盛 sheng cheng; 召 zhao shao; 娜 na nuo; 强 qiang; 莘 shen xin; 颉 jie xie; 隽 juan jun; 阿 a e; 都 du dou;
色 se shai; 扎 zha za; 呷 ga xia; 格 ge; 降 jiang xiang; 参 can shen; 宿 su xiu; 尉 wei yu; 员 yuan yun;
单 shan dan; 曾 zeng ceng; 解 jie xie; 朴 pu piao; 查 cha zha; 仇 chou qiu; 斌 bin; 的 de di; 地 di de;
说 shuo yue; 率 shuai lv; 调 tiao diao; 弹 tan dan; 传 chuan zhuan; 藏 cang zang; 溪 xi qi; 珩 heng; 祎 yi;
俞 yu shu; 会 hui; 辟 pi bi; 葛 ge; 蔓 man wan; 角 jiao jue; 觉 jue jiao; 着 zhuo zhe; 省 sheng xing; 为 wei;
还 hai huan; 没 mei mo; 佛 fo fu; 伽 jia qie ga; 𠮷 ji; 㛃 jie; 㑇 zhou; 峣 yao
"""  # characters of given names that are read in two ways, or in another than the table says first
UMLAUT = {"lv": ("lv", "lu"), "nv": ("nv", "nu"), "lve": ("lve", "lue"), "nve": ("nve", "nue")}  # as typed with and without


def parsed(table: str) -> dict[str, list[str]]:
    """One entry each: the characters, then their readings."""
    entries = [entry.split() for entry in table.split(";")]
    return {entry[0]: entry[1:] for entry in entries}


FAMILY = {name: [tuple(known)] for name, known in parsed(SURNAMES).items()}
FAMILY |= {name: [tuple(one.split("/")) for one in known] for name, known in parsed(DOUBLE).items()}
GIVEN = {letter: tuple(known) for letter, known in parsed(LIVING).items()}


def readings(name: str) -> tuple[str, ...]:
    """Every full pinyin, the initials, the given name in pinyin, and every part of the name that ends it; lower case.

    王小明 -> wangxiaoming, wxm, xiaoming, 小明, 明. The whole name itself is not among them.
    """
    lower = name.lower()
    plain = lower.translate(SEPARATORS)
    syllables, given = _syllables(lower, plain)
    spelt = list(itertools.islice(itertools.product(*syllables), MOST_READINGS))
    found = ["".join(one) for one in spelt]
    found += ["".join([syllable[:1] for syllable in one]) for one in spelt]
    found.append("".join([known[0] for known in syllables[given:]]))
    found += [plain[start:] for start in range(1, min(len(plain), MOST_PARTS + 1))]
    if plain != name:
        found.append(plain)
    return tuple({reading[:LONGEST]: None for reading in found if reading and reading != name})


def first_pinyin(name: str) -> str:
    """The likeliest reading, by which lists are sorted: wangxiaoming; '' when no character has one."""
    lower = name.lower()
    syllables, _given = _syllables(lower, lower.translate(SEPARATORS))
    return "".join([known[0] for known in syllables])[:LONGEST]


@lru_cache(maxsize=8192)  # the lists of one step of a roster ask for each name twice
def _syllables(lower: str, plain: str) -> tuple[list, int]:
    """Readings of every character, and where the given name begins: after the surname, or after the last dot."""
    length = 2 if len(plain) > 2 and plain[:2] in FAMILY else 1
    syllables = [*_family(plain[:length]), *[_character(letter) for letter in plain[length:]]]
    if lower == plain:
        return syllables, length
    last = lower.translate(DOTS).split()[-1:]
    return syllables, len(plain) - sum(map(len, last))


def _family(surname: str) -> list:
    return FAMILY.get(surname) or [_character(letter) for letter in surname]


@cache
def _character(letter: str) -> tuple[str, ...]:
    """Readings without tones, the likeliest first; a letter or digit reads as itself, a rare character as nothing."""
    if letter in GIVEN:
        return GIVEN[letter]
    if letter.isascii():
        return (letter,)
    first = without_tone(_table().get(str(ord(letter)), "").partition(",")[0])
    return UMLAUT.get(first, (first,))


def without_tone(reading: str) -> str:
    """lǜ -> lv, as it is typed."""
    decomposed = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join([letter for letter in decomposed if letter.isascii() and letter.isalpha()])


@cache
def _table() -> dict[str, str]:
    """pypinyin's own file: {code point as text: readings with tones, comma separated}."""
    package = importlib.util.find_spec("pypinyin")  # finds the folder without running the package
    return json.loads((Path(package.origin).parent / "pinyin_dict.json").read_text("utf-8"))
