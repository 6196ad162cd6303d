"""Fixtures of this folder: those of all tests on a deployed platform, and one run of everything in check mode."""

from __future__ import annotations

import pytest

from tests.support.deployed import PLAYBOOK_SECONDS, DeployedPlatform, Done, run
from tests.support.fixtures import edited, phones, platform, pytest_runtest_makereport, pytest_runtest_setup

__all__ = ["checked_site", "edited", "phones", "platform", "pytest_runtest_makereport", "pytest_runtest_setup"]


@pytest.fixture(scope="session")
def checked_site(platform: DeployedPlatform) -> Done:
    """Run the whole site once in check mode, with differences, as talkative as Ansible is for people."""
    command = ["ansible-playbook", "-i", str(platform.inventory), "playbooks/site.yml", "--check", "--diff", "-vvv"]
    return run(command, seconds=PLAYBOOK_SECONDS)
