"""Tests of trunkline.reload."""
