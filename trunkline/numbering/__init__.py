"""How telephone numbers are written and dialled in each country, and the rules that follow from it.

The metadata of the library `phonenumbers` says what each country's numbers look like, and
:mod:`trunkline.numbering._known` the few things that it does not. A plan (:func:`plan_of`) becomes rules
(:func:`rules_of`), which are rows of the database; only the database applies them (``routing.transform``), so a rule
exists once.
"""

from __future__ import annotations

from trunkline.numbering._declared import SetRule, country_named, plan_declared, rules_declared
from trunkline.numbering._plan import Plan, made_plan, plan_of
from trunkline.numbering._rules import LISTS, Rule, generated_sets, international_prefixes, rules_of
from trunkline.numbering._syntax import Limits, limits

__all__ = [
    "LISTS",
    "Limits",
    "Plan",
    "Rule",
    "SetRule",
    "country_named",
    "generated_sets",
    "international_prefixes",
    "limits",
    "made_plan",
    "plan_declared",
    "plan_of",
    "rules_declared",
    "rules_of",
]
