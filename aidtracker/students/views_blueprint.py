"""The blueprint that the pages of pupils share."""

from flask import Blueprint

blueprint = Blueprint("students", __name__)
