"""EncryptedField: a text column that only the application can read.

    class Student(BaseModel):
        uid = peewee.CharField(max_length=32, unique=True, default=new_uid)
        id_number = EncryptedField("id", null=True)

    student = Student.create(id_number="510121201001012345")   # stored sealed
    student.id_number                                          # '510121201001012345', opened on reading

The column is BLOB or BYTEA and holds an envelope bound to `table|column|uid`, so the model needs
a `uid` set at creation and never changed, and a select of objects must include it. Renaming a
table or a column means sealing it anew. A sealed value cannot be searched, sorted or unique:
that is what keyed_index.py is for.

Rows as tuples or dicts carry the sealed bytes; `unseal_column(Student.id_number, uid, blob)` opens
one, `unsealed_column(field)` many. Statements that write many rows take sealed bytes too:

    sealed = sealed_column(Student.id_number)
    Student.insert_many([{"uid": uid, "id_number": sealed(uid, text)} ...])
"""

from collections.abc import Callable

import peewee

from aidtracker.crypto.envelope import seal_all, sealer, unsealer


class Waiting:
    """A text set on an object, sealed when the row is written: only then is the uid sure to be the row's."""

    __slots__ = ("instance", "text")

    def __init__(self, instance: peewee.Model, text: str):
        self.instance, self.text = instance, text


class EncryptedAccessor(peewee.FieldAccessor):
    def __get__(self, instance, instance_type=None):
        if instance is None:
            return self.field
        value = instance.__data__.get(self.name)
        if value is None:
            return None
        if isinstance(value, Waiting):
            return value.text
        return unseal_column(self.field, instance.uid, value)

    def __set__(self, instance, value):
        super().__set__(instance, Waiting(instance, value) if isinstance(value, str) else value)


class EncryptedField(peewee.BlobField):
    accessor_class = EncryptedAccessor

    def __init__(self, purpose: str, **options):
        if options.get("unique") or options.get("index"):
            raise ValueError("a sealed column cannot be searched: add a keyed index column beside it")
        self.purpose = purpose
        super().__init__(**options)

    def db_value(self, value):
        if isinstance(value, Waiting):
            value = sealed_column(self)(value.instance.uid, value.text)
        if isinstance(value, str):
            raise TypeError(f"{self.name} takes sealed bytes here: see sealed_column()")
        return super().db_value(value)

    def python_value(self, value):
        return None if value is None else bytes(value)


def place_of(field: EncryptedField) -> str:
    return f"{field.model._meta.table_name}|{field.column_name}|"


def sealed_column(field: EncryptedField) -> Callable[[str, str | None], bytes | None]:
    """A fast function (uid, text) -> sealed bytes for one column of many rows; None stays None."""
    seal_now, place = sealer(field.purpose), place_of(field)

    def sealed(uid: str, text: str | None) -> bytes | None:
        return None if text is None else seal_now((place + uid).encode(), text.encode())

    return sealed


def seal_values(field: EncryptedField, uids: list[str], texts: list[str | None]) -> list[bytes | None]:
    """One column of many rows at once, for statements that write thousands; None and '' become None."""
    place = place_of(field)
    aads = [(place + uid).encode() for uid in uids]
    return seal_all(field.purpose, aads, [text.encode() if text else None for text in texts])


def unsealed_column(field: EncryptedField) -> Callable[[str, bytes | None], str | None]:
    """A fast function (uid, sealed bytes) -> text for one column of many rows; raises Unreadable."""
    unseal_now, place = unsealer(field.purpose), place_of(field)

    def unsealed(uid: str, blob: bytes | None) -> str | None:
        return None if blob is None else unseal_now((place + uid).encode(), bytes(blob)).decode()

    return unsealed


def unseal_column(field: EncryptedField, uid: str, blob: bytes | None) -> str | None:
    """Opens one value read as a tuple or dict."""
    if blob is not None and not uid:
        raise ValueError(f"{field.name} opens only with the uid of its row: select it too")
    return unsealed_column(field)(uid, blob)
