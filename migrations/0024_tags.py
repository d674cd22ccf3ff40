"""Special groups in full: the paper behind a tag, the class and grade of a disability, why a tag ended and who recorded that."""

import peewee

CLASSES = ("多重", "视力", "听力", "言语", "肢体", "智力", "精神")
GRADES = ("一级", "二级", "三级", "四级")
COLUMNS = (
    "uid VARCHAR(32) NOT NULL DEFAULT ''",
    "document VARCHAR(100) NOT NULL DEFAULT ''",
    "disability_class VARCHAR(10) NOT NULL DEFAULT ''",
    "disability_grade VARCHAR(10) NOT NULL DEFAULT ''",
    "certificate {blob} CHECK (certificate IS NULL OR uid <> '')",
    "end_reason VARCHAR(60) NOT NULL DEFAULT '' CHECK (end_reason = '' OR ends_on IS NOT NULL)",
    "end_recorded_by_id INTEGER REFERENCES user_account (id) ON DELETE RESTRICT",
    "end_recorded_at {time} CHECK (end_recorded_at IS NULL OR ends_on IS NOT NULL)",
)


def up(migrator, db):
    is_sqlite = isinstance(db, peewee.SqliteDatabase)
    types = {"blob": "BLOB" if is_sqlite else "BYTEA", "time": "DATETIME" if is_sqlite else "TIMESTAMP"}
    for column in COLUMNS:
        db.execute_sql("ALTER TABLE tag ADD COLUMN " + column.format(**types))
    for column, words in (("disability_class", CLASSES), ("disability_grade", GRADES)):
        for word in words:  # what a roster wrote in one word: 肢体残疾二级
            said = f"detail LIKE '%{word}%'".replace("%", "%%" if not is_sqlite else "%")
            db.execute_sql(f"UPDATE tag SET {column} = '{word}' WHERE kind = 'disabled' AND {column} = '' AND {said}")  # noqa: S608 words of ours


def down(migrator, db):
    for column in reversed(COLUMNS):
        db.execute_sql("ALTER TABLE tag DROP COLUMN " + column.split()[0])
