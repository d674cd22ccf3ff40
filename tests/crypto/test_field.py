import peewee
import pytest

from aidtracker.crypto.envelope import Unreadable
from aidtracker.crypto.field import EncryptedField, sealed_column, unseal_column, unsealed_column
from aidtracker.db import BaseModel, database, new_uid

NUMBER = "990121201001012345"


class Child(BaseModel):
    uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
    id_number = EncryptedField("id", null=True)
    phone = EncryptedField("phone", null=True)

    class Meta:
        table_name = "crypto_test_child"


@pytest.fixture(autouse=True)
def table(keys):
    database.create_tables([Child])


def stored(column="id_number"):
    return bytes(next(iter(Child.select(getattr(Child, column)).tuples()))[0])


def test_a_value_is_sealed_in_the_database_and_plain_in_the_object():
    child = Child.create(id_number=NUMBER, phone="13800001234")
    assert (child.id_number, child.phone) == (NUMBER, "13800001234")
    assert NUMBER.encode() not in stored() and len(stored()) == 50
    read = Child.get_by_id(child.id)
    assert (read.id_number, read.phone) == (NUMBER, "13800001234")


def test_names_outside_the_basic_plane_survive():
    assert Child.get_by_id(Child.create(id_number="𠮷林").id).id_number == "𠮷林"


def test_none_stays_none_and_empty_stays_empty():
    child = Child.get_by_id(Child.create(id_number=None, phone="").id)
    assert (child.id_number, child.phone) == (None, "")
    assert Child.select().where(Child.id_number.is_null()).count() == 1


def test_a_uid_given_after_the_value_is_the_one_it_is_sealed_for():
    uid = new_uid()
    Child.create(id_number=NUMBER, uid=uid)
    assert Child.get(Child.uid == uid).id_number == NUMBER


def test_a_changed_value_is_saved_and_an_untouched_one_keeps_its_bytes():
    child = Child.create(id_number=NUMBER, phone="13800001234")
    before = stored("phone")
    read = Child.get_by_id(child.id)
    read.id_number = "990121201001019999"
    read.save()
    assert Child.get_by_id(child.id).id_number == "990121201001019999"
    assert stored("phone") == before


def test_a_value_moved_to_another_row_or_column_is_refused():
    one = Child.create(id_number=NUMBER)
    other = Child.create()
    Child.update(id_number=stored()).where(Child.id == other.id).execute()
    Child.update(phone=stored()).where(Child.id == one.id).execute()
    with pytest.raises(Unreadable):
        Child.get_by_id(other.id).id_number  # noqa: B018
    with pytest.raises(Unreadable):
        Child.get_by_id(one.id).phone  # noqa: B018


def test_many_rows_are_sealed_and_opened_by_column():
    sealed = sealed_column(Child.id_number)
    texts = [str(number) for number in range(50)] + [None]
    rows = [{"uid": new_uid(), "id_number": text} for text in texts]
    Child.insert_many([row | {"id_number": sealed(row["uid"], row["id_number"])} for row in rows]).execute()
    unsealed = unsealed_column(Child.id_number)
    read = Child.select(Child.uid, Child.id_number).order_by(Child.id).tuples()
    assert [unsealed(uid, blob) for uid, blob in read] == texts
    assert Child.get(Child.uid == rows[7]["uid"]).id_number == "7"


def test_dicts_carry_sealed_bytes_that_unseal_column_opens():
    Child.create(id_number=NUMBER)
    row = Child.select(Child.uid, Child.id_number).dicts().get()
    assert isinstance(row["id_number"], bytes)
    assert unseal_column(Child.id_number, row["uid"], row["id_number"]) == NUMBER
    assert unseal_column(Child.id_number, row["uid"], None) is None


def test_plain_text_never_reaches_a_statement():
    with pytest.raises(TypeError, match="sealed_column"):
        Child.insert(id_number=NUMBER).execute()
    with pytest.raises(TypeError, match="sealed_column"):
        Child.select().where(Child.id_number == NUMBER).count()
    with pytest.raises(TypeError, match="sealed_column"):
        Child.update(id_number=NUMBER).execute()
    assert Child.select().count() == 0


def test_an_object_read_without_its_uid_says_what_is_missing():
    Child.create(id_number=NUMBER)
    with pytest.raises(ValueError, match="uid"):
        Child.select(Child.id_number).get().id_number  # noqa: B018


def test_a_sealed_column_cannot_be_unique_or_indexed():
    for option in ({"unique": True}, {"index": True}):
        with pytest.raises(ValueError, match="keyed index"):
            EncryptedField("id", **option)


def test_the_column_is_binary_in_the_database():
    assert isinstance(Child.id_number, peewee.BlobField)
    raw = database.execute_sql('SELECT id_number FROM "crypto_test_child"').fetchall()
    assert raw == []
