"""The proxy's refusals stand in its configuration; what explain says about them has to be the same."""

from __future__ import annotations

import re
from pathlib import Path

from trunkline.explain.path import REFUSALS, UNSEEN

PROXY = Path(__file__).parents[3] / "templates" / "kamailio" / "users"
_REFUSAL = re.compile(r'\$var\(refusal\) = "(?P<refusal>[^"]+)";\s+\$var\(code\) = (?P<code>\d+);')


def test_explain_knows_every_refusal_of_the_proxy_and_no_other() -> None:
    found = {
        match["refusal"]: int(match["code"])
        for file in PROXY.glob("*.j2")
        for match in _REFUSAL.finditer(file.read_text())
    }
    assert found == REFUSALS | UNSEEN
