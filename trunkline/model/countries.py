"""Patterns that every platform has without declaring them: one per country, and a group per continent.

Seed 004 sections 9.3.2 and 9.3.3. Countries are those of ISO 3166-1, and three that have numbers without standing in
there. A country without numbers of its own (an island nobody lives on) has a pattern that matches nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from trunkline.model.numbering import prefixes_of_countries

# Not in ISO 3166-1: Ascension, Tristan da Cunha, Kosovo.
_BESIDE_ISO = {"AC": "Ascension Island", "TA": "Tristan da Cunha", "XK": "Kosovo"}
# UN M49, with its Americas in two, and Antarctica.
_CONTINENTS = {
    "africa": (
        "AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ"
        " NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TF TG TN TZ UG YT ZA ZM ZW"
    ),
    "antarctica": "AQ BV GS HM",
    "asia": (
        "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK"
        " PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE"
    ),
    "europe": (
        "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT"
        " NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK"
    ),
    "north-america": (
        "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT"
        " US VC VG VI"
    ),
    "oceania": "AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    "south-america": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
}


@functools.cache
def country_patterns() -> Mapping[str, str]:
    """Return the names of the patterns of countries, sorted, each with the country's English name."""
    import pycountry  # noqa: PLC0415 - a tenth of a second that most runs do not need

    names = {country.alpha_2: country.name for country in pycountry.countries} | _BESIDE_ISO
    return {code.lower(): name for code, name in sorted(names.items())}


@functools.cache
def continent_groups() -> Mapping[str, tuple[str, ...]]:
    """Return the groups of continents by name, each with the names of its patterns."""
    return {name: tuple(codes.lower().split()) for name, codes in _CONTINENTS.items()}


def prefixes_of_pattern(name: str) -> tuple[str, ...]:
    """Return the prefixes of a country's pattern; none where the country has no numbers of its own.

    Args:
        name: Of the pattern.
    """
    return prefixes_of_countries().get(name.upper(), ())
