"""Tests of the call logic."""
