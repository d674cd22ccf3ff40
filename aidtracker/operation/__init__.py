"""Keeping the installation alive: migration, health, what kind of installation this is."""
