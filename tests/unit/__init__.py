"""Tests that need no host, no database and no root."""
