"""What needs whom by when: asked for by any room, shown on every home page, escalated when nobody does it."""
