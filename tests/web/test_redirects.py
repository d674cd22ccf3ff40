"""Nobody is sent out of the site by a link that looks like ours."""

import pytest

from aidtracker.web.redirects import safe_next


@pytest.mark.parametrize("target", ["/", "/roll/3", "/students?q=%E5%BC%A0&page=2", "/a:b", "/x#part"])
def test_a_path_of_this_site_is_kept(target):
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None, "", "roll", "//evil.cn", "///evil.cn", "/\\evil.cn", "\\\\evil.cn", "https:evil.cn", "https://evil.cn",
        "javascript:alert(1)", " //evil.cn", "\t//evil.cn", "/\t/evil.cn", "/\n/evil.cn", "/\r\nSet-Cookie: a=b", "/a\x00b",
        "/a\\b", "?next=/", "//[evil", "/\x7f/evil.cn",
    ],
)  # fmt: skip
def test_everything_else_gives_the_home_page(target):
    assert safe_next(target) == "/"
    assert safe_next(target, "/me") == "/me"
