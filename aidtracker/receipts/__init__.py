"""Idempotency keys and receipt numbers of every write."""
