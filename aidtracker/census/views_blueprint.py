"""The blueprint that the pages of lists share."""

from flask import Blueprint

blueprint = Blueprint("census", __name__, url_prefix="/census")
