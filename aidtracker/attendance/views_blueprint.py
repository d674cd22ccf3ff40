"""The blueprint that the pages of attendance share."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
SUMS_ONLY = "你可以查看汇总数字，不能查看学生名单。"
