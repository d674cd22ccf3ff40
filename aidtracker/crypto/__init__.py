"""Secrets at rest: keyring, envelope, encrypted fields, keyed indexes, masks."""
