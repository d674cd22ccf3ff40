"""The first minute of a county: its place in the tree, and the one person who brings in everything else."""

from aidtracker.accounts.actions import hold
from aidtracker.accounts.actions_inviting import Slip, keep, new_slip
from aidtracker.accounts.invitations import NO_PASSWORD
from aidtracker.accounts.models import User
from aidtracker.accounts.usernames import new_username
from aidtracker.audit.actions import record
from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.places import add_org

CITY, COUNTY = 4, 6  # digits of a national division code
LONGEST = 100


def begin_county(*, code: str, city: str, county: str, person: str, by: None = None) -> Slip:
    """City, county and a first bureau_admin without a password, in an empty database; gives the invitation, which is shown once.

    `code`: six digits of GB/T 2260. Refused: anything is here already.
    """
    names = [name.strip() for name in (city, county, person)]
    if not (code.isdigit() and len(code) == COUNTY and code.isascii()):
        raise Refused("县的区划代码是 6 位数字，例如 341524。")
    if not all(0 < len(name) <= LONGEST for name in names):
        raise Refused("市、县和管理员的姓名都要填，最多 %(most)s 个字。", most=LONGEST)
    with transaction():
        if User.select().exists() or Org.select().exists():
            raise Refused("数据库里已经有单位或账号，不是第一次。要加人请在网页「账号」里加，或用 create-user。")
        above = add_org(kind="city", code=code[:CITY], name=names[0], parent=None)
        place = add_org(kind="county", code=code, name=names[1], parent=above)
        user = User.create(username=new_username(names[2], names[1], set()), name=names[2], password_hash=NO_PASSWORD, must_change_password=False)
        hold(user, "bureau_admin", place, today_in_china(), by)
        slip = new_slip(user)
        keep(slip, by)
        record(action="setup.begin_county", by=by, object_kind="org", object_id=place.code, fields=("name", "username", "role"), county_id=place.id)
    return slip
