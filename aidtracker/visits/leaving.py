"""The visits that somebody who leaves was sent back."""

from aidtracker.accounts.hooks import OpenWork
from aidtracker.phrases import Phrase
from aidtracker.visits.models import Visit


def leaves_open(user) -> OpenWork:
    back = Visit.select().where((Visit.recorded_by == user) & (Visit.state == "sent_back"))
    return OpenWork(Phrase("被退回、还没改的家访"), back.count(), Phrase("由校级管理员修改"))
