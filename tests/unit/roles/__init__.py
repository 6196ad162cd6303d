"""Tests of all roles."""
