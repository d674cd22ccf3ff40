"""The blueprint that the pages of visits share."""

from flask import Blueprint

blueprint = Blueprint("visits", __name__)
