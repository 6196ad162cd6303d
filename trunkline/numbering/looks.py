"""What is wrong with the rules of a set, as far as their patterns say."""

from __future__ import annotations

import re

from trunkline.model.pattern import SUBJECT_LENGTH
from trunkline.numbering._automaton import ANYTHING, E164, can_find
from trunkline.numbering._rules import Rule
from trunkline.numbering._syntax import Anchor, Chars, Choice, Group, Limits, Node, Repeat, Sequence, limits, parse

# A pattern that drops so many digits without saying which drops a part of the number, and no prefix.
_DIGITS = 3
_NUMBER = {True: r"^\+[1-9][0-9]{6,14}$", False: "^.{7,32}$"}


def is_out(name: str) -> bool:
    """Say whether a list meets numbers of the platform, which are E.164."""
    return name.endswith("_out")


def never_matches(rule: Rule, name: str) -> bool:
    """Say whether no number that a list meets has what a rule looks for.

    Args:
        rule: The rule.
        name: Of the list.
    """
    return not can_find(rule.pattern, E164 if is_out(name) else ANYTHING)


def is_hidden(rule: Rule, before: tuple[Rule, ...], name: str) -> bool:
    """Say whether rules with lower metrics take every number that a rule matches.

    Args:
        rule: The rule.
        before: The others.
        name: Of the list.
    """
    others = [each.pattern for each in before if _may_meet(limits(rule.pattern), limits(each.pattern))]
    return bool(others) and not can_find(rule.pattern, E164 if is_out(name) else ANYTHING, others)


def _may_meet(one: Limits, other: Limits) -> bool:
    """Say whether two patterns may find something in the same number, as far as is easily told."""
    begins = one.begins.startswith(other.begins) or other.begins.startswith(one.begins)
    longest = min(each.longest or SUBJECT_LENGTH for each in (one, other))
    return begins and longest >= max(one.shortest, other.shortest)


def leaves_nothing(rule: Rule, name: str) -> bool:
    """Say whether a rule makes nothing of some number.

    Args:
        rule: The rule.
        name: Of the list.
    """
    if rule.replacement:
        return False
    whole = Sequence((Anchor("^"), Group(None, parse(rule.pattern)), Anchor("$")))
    return can_find(whole, _NUMBER[is_out(name)])


def loses_digits(rule: Rule, name: str) -> bool:
    """Say whether a rule makes one number of many, because digits that it finds are in no group that it puts back.

    A rule that puts one number in place of every caller's means to.

    Args:
        rule: The rule.
        name: Of the list.
    """
    kept = {int(each) for each in re.findall(r"\\([1-9])", rule.replacement)}
    if name.startswith("caller_") and rule.replacement and not kept:
        return False
    return _loses(parse(rule.pattern), kept)


def _loses(node: Node, kept: set[int]) -> bool:
    if isinstance(node, Group):
        return node.number not in kept and _loses(node.inner, kept)
    if isinstance(node, Sequence | Choice):
        return any(_loses(part, kept) for part in node.parts)
    if isinstance(node, Repeat):
        several = node.most is None or node.most >= _DIGITS
        return (several and _is_open(node.inner)) or _loses(node.inner, kept)
    return False


def _is_open(node: Node) -> bool:
    """Say whether a tree stands for more than one text."""
    if isinstance(node, Chars):
        return node.negated or len(node.texts) > 1
    if isinstance(node, Group):
        return _is_open(node.inner)
    return not isinstance(node, Sequence) or any(_is_open(part) for part in node.parts)
