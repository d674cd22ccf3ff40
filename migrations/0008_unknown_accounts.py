"""What was typed as a user name that nobody has, once a password or an ID by mistake, is kept in the clear no longer."""


def up(migrator, db):
    db.execute_sql("DELETE FROM sign_in_attempt WHERE account NOT IN (SELECT username FROM user_account)")


def down(migrator, db):
    """Gone is gone."""
