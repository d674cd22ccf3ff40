"""The blueprint that the pages of attendance share."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
