"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A machine under load is no reason for a property to fail.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
