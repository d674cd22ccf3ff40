"""Invented names: combinations of common characters, of several peoples, some rare; nobody in particular."""

import random
from itertools import accumulate

SURNAMES = dict(
    王=72, 李=70, 张=66, 刘=52, 陈=45, 杨=40, 黄=24, 赵=24, 吴=22, 周=22, 徐=16, 孙=16, 马=14, 朱=13, 胡=13, 郭=12, 何=12,
    高=11, 林=11, 罗=11, 郑=10, 梁=9, 谢=9, 宋=8, 唐=8, 许=7, 韩=7, 冯=7, 邓=7, 曹=6, 彭=6, 曾=6, 田=5, 蒋=5, 蔡=5,
    余=5, 杜=5, 叶=4, 程=4, 苏=4, 魏=4, 吕=4, 丁=4, 任=4, 沈=4, 姚=4, 卢=4, 姜=3, 崔=3, 钟=3, 谭=3, 陆=3, 汪=3, 范=3,
    金=2, 石=2, 廖=2, 贾=2, 夏=2, 韦=2, 付=2, 方=2, 白=2, 邹=2, 孟=2, 熊=2, 秦=2, 邱=2, 江=2, 尹=2, 薛=2, 闫=2, 段=2,
    雷=2, 侯=2, 龙=2, 史=1, 陶=1, 黎=1, 贺=1, 顾=1, 毛=1, 郝=1, 龚=1, 邵=1, 万=1, 单=1, 仇=1, 查=1, 翟=1, 解=1, 区=1,
    欧阳=1, 上官=1, 诸葛=1, 令狐=1,
)  # fmt: skip
DOUBLE_SURNAMES = [surname for surname in SURNAMES if len(surname) == 2]
GIVEN = {
    "M": "浩宇轩博文杰俊峰志强子涵天佑家豪明辉嘉铭思远泽睿晨阳鑫磊凯航建国永康立新小军海涛林森世杰",
    "F": "梓涵欣怡诗琪雨桐佳慧思彤雅婷晓雯静雪梅芳丽娜可馨语嫣若曦紫萱心悦秀英春兰玉洁梦瑶小燕文静",
}
POPULAR = {"M": ["浩然", "子轩", "宇航", "俊杰", "浩宇"], "F": ["欣怡", "梓涵", "诗涵", "雨桐", "可馨"]}
RARE = {"M": ["䶮", "𠮷", "喆", "犇", "煜堃", "昊燚", "淼"], "F": ["祎", "嫚", "玥彤", "㛃", "翀", "婳"]}
PEOPLES = {"汉族": 955, "回族": 15, "苗族": 10, "藏族": 5, "彝族": 5, "维吾尔族": 5, "哈萨克族": 5}
TIBETAN = {
    "M": "扎西 多吉 丹增 格桑 洛桑 次仁 旺堆 平措 尼玛 罗布 边巴 土登 仁青 索南 巴桑".split(),
    "F": "卓玛 拉姆 央金 曲珍 德吉 白玛 措姆 梅朵 仓决 次仁 格桑 尼玛 旺姆 普赤".split(),
}
YI_CLANS = "阿苦 吉克 沙马 阿尔 曲木 马海 俄木 吉木 的日 且沙 勒格 果基".split()
YI = {"M": "日哈 木呷 拉且 伍各 尔古 石布 约布 子哈".split(), "F": "阿呷 伍牛 阿依 尔扎 石作 子洛 依作 乌果".split()}
UYGHUR = {
    "M": "买买提 艾尔肯 阿卜杜热合曼 吐尔逊 阿不都克里木 库尔班江 木合塔尔 亚森".split(),
    "F": "阿依古丽 古丽娜尔 热依汗 帕提古丽 米热古丽 阿孜古丽 迪丽努尔 吐逊阿依".split(),
}
FATHERS = "买买提 吐尔逊 艾合买提 阿不都热依木 玉素甫 司马义 亚力昆 阿卜杜热合曼".split()
KAZAKH = {
    "M": "叶尔肯 哈那提 巴合提别克 努尔兰 加尔肯别克".split(),
    "F": "阿依努尔 古丽扎 沙吾列 巴合提古丽 加娜尔".split(),
}
KAZAKH_FATHERS = "哈斯木汉 托合塔尔别克 木拉提 阿合买提 叶斯木汗".split()


class Names:
    """Draws names from one random generator."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.surnames, self.surname_weights = list(SURNAMES), list(accumulate(SURNAMES.values()))
        self.peoples, self.people_weights = list(PEOPLES), list(accumulate(PEOPLES.values()))

    def people(self) -> str:
        return self.rng.choices(self.peoples, cum_weights=self.people_weights)[0]

    def surname(self) -> str:
        return self.rng.choices(self.surnames, cum_weights=self.surname_weights)[0]

    def han(self, sex: str, surname: str = "") -> str:
        """One or two characters after the surname; now and then a popular or a rare one."""
        draw = self.rng.random()
        if draw < 0.06:
            given = self.rng.choice(POPULAR[sex])
        elif draw < 0.07:
            given = self.rng.choice(RARE[sex])
        else:
            given = "".join(self.rng.choices(GIVEN[sex], k=1 if draw < 0.2 else 2))
        return (surname or self.surname()) + given

    def of_people(self, people: str, sex: str, family: str = "") -> str:
        """A name as that people gives it; `family` is the surname, clan or father's name that siblings share."""
        own = {"藏族": TIBETAN, "彝族": YI, "维吾尔族": UYGHUR, "哈萨克族": KAZAKH}.get(people)
        if own is None:
            return self.han(sex, family)
        first = self.rng.choice([name for name in own[sex] if name != family])
        if people == "藏族":
            return first + self.rng.choice([name for name in TIBETAN[sex] if name != first])
        return f"{family}{first}" if people == "彝族" else f"{first}·{family}"

    def family(self, people: str) -> str:
        of_fathers = {"彝族": YI_CLANS, "维吾尔族": FATHERS, "哈萨克族": KAZAKH_FATHERS}
        if people == "回族":
            return self.rng.choice("马马马白丁哈沙金")
        return self.rng.choice(of_fathers[people]) if people in of_fathers else self.surname()

    def parent(self, people: str, sex: str, family: str) -> str:
        """A mother brings a family name of her own."""
        return self.of_people(people, sex, family if sex == "M" else self.family(people))
