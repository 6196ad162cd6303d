"""Fixtures of this folder: those of all tests on a deployed platform."""

from tests.support.fixtures import edited, phones, platform, pytest_runtest_makereport, pytest_runtest_setup

__all__ = ["edited", "phones", "platform", "pytest_runtest_makereport", "pytest_runtest_setup"]
