"""Org: one tree for every place; School and SchoolClass hold what only they have."""

import peewee

from aidtracker.db import BaseModel, utcnow

KINDS = {"city": "市", "county": "县", "township": "乡镇", "village": "村", "school": "学校", "class": "班级"}


class Org(BaseModel):
    """A place. `path` is the ids from the root, '/1/7/31/': what is below begins with it, slash included."""

    kind = peewee.CharField(max_length=10)
    code = peewee.CharField(max_length=40, unique=True)  # division code, school code, SCHOOL/STAGE-YEAR-NUMBER
    name = peewee.CharField(max_length=100)
    parent = peewee.ForeignKeyField("self", null=True, backref="children", on_delete="RESTRICT")
    county = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="RESTRICT")  # null for a city
    path = peewee.CharField(max_length=120, unique=True, null=True)  # null only between insert and update
    closed_on = peewee.DateField(null=True)
    created_at = peewee.DateTimeField(default=utcnow)

    class Meta:
        indexes = ((("parent", "name"), False), (("county", "kind"), False))

    def is_within(self, path: str) -> bool:
        return self.path.startswith(path)


class School(BaseModel):
    org = peewee.ForeignKeyField(Org, primary_key=True, on_delete="CASCADE", backref="school_detail")
    category = peewee.CharField(max_length=30)  # 办学类型
    sponsor = peewee.CharField(max_length=30)  # 举办者类型


class SchoolClass(BaseModel):
    org = peewee.ForeignKeyField(Org, primary_key=True, on_delete="CASCADE", backref="class_detail")
    school = peewee.ForeignKeyField(Org, backref="classes", on_delete="RESTRICT")
    stage = peewee.CharField(max_length=12)
    entry_year = peewee.IntegerField()
    number = peewee.CharField(max_length=20)

    class Meta:
        indexes = ((("school", "stage", "entry_year", "number"), True),)
