"""What the metadata of `phonenumbers` leaves out or leaves open, each with its source."""

from __future__ import annotations

# Territories of ISO 3166 without numbers of their own: whose numbers are used there (ITU-T list of E.164 codes).
SAME_AS = {
    "AQ": "NF",  # +672 1: Australian external territories
    "BV": "NO",
    "GS": "FK",  # +500
    "HM": "AU",
    "PN": "NZ",
    "TF": "RE",  # +262
    "UM": "US",
}

# The international prefix that we dial where a country has one per carrier: that of the carrier named.
DIALLED = {
    "BR": "0021",  # Embratel
    "CO": "009",  # Movistar
    "KH": "001",  # Telecom Cambodia
    "KR": "001",  # KT
    "SG": "001",  # Singtel
    "TH": "001",  # CAT
    "TW": "002",  # Chunghwa
    "ID": "008",  # Indosat
    "BO": "00",
    "CL": "00",
    "HK": "001",
    "IL": "00",
    "KP": "00",
    "PW": "011",
    "SB": "00",
    "TZ": "000",
    "UG": "000",
}

# International prefixes instead of those of the metadata, where one begins another: "00" and "008" cannot be told apart
# before 52 and 852. Hong Kong: of PCCW; Bolivia: without the code of a carrier.
INTERNATIONAL = {"BO": "00", "HK": "001"}
# International prefixes that are still sent beside today's. Seed 004 section 9.7.3: providers in Ukraine.
ALSO_INTERNATIONAL = {"UA": "810"}

# North America dials one plan, from every country of it: 1 and ten digits, seven inside of an area (NANPA).
NORTH_AMERICA = "1"
NORTH_AMERICAN_NUMBER = "[2-9][0-9]{9}"
# N11 codes, and what emergency numbers and the suicide prevention line are beside them (FCC 20-100).
NORTH_AMERICAN_SHORT = "[2-9]11|112|988"

# Emergency numbers everywhere (3GPP TS 22.101 section 10.1), and what countries have beside those of the metadata.
# Spain: health, fire brigades and police (numbering plan of 2014). Peru: health (resolution 2006-MTC).
EMERGENCY_EVERYWHERE = ("112", "911")
EMERGENCY = {"ES": ("061", "062", "080", "091", "092"), "PE": ("106",)}

# National numbers instead of those of the metadata. Japan: without those that name a carrier first, which are dialled
# without a trunk prefix and have no meaning outside.
NATIONAL = {"JP": "[25-9][0-9]{9}|[1-9][0-9]{8}"}

# Rules beside those that every country has: name, pattern, replacement; before those for national numbers.
# Argentina: a mobile telephone is 15 after the area inside of the country, 9 before it from outside (ENACOM).
# Brazil: national calls name a carrier between 0 and the area (ANATEL, CSP).
BESIDE_IN = {
    "AR": (
        (r"^0?(11)15([0-9]{8})$", r"+549\1\2"),
        (r"^0?([23][0-9]{2})15([0-9]{7})$", r"+549\1\2"),
        (r"^0?([23][0-9]{3})15([0-9]{6})$", r"+549\1\2"),
    ),
    "HK": ((r"^00(852[0-9]{8})$", r"+\1"),),
    "BR": ((r"^(?:0|90)(?:1[245]|2[1-35]|31|4[13]|[56]5|99)([1-9][0-9]{9,10})$", r"+55\1"),),
}
# Where the 15 of an Argentine mobile telephone stands depends on how long its area is: by the first three digits. Where
# areas of three digits begin others of four, the international form is the one that cannot be wrong.
BESIDE_OUT = {
    "AR": (
        (r"^\+549(11)([0-9]{8})$", r"0\115\2"),
        (
            r"^\+549(2(?:21|23|36|37|49|6[0136]|80|9[19])|3(?:36|4[12]|51|6[24]|7[069]|8[01]))([0-9]{7})$",
            r"0\115\2",
        ),
        (
            r"^\+549((?:2(?:2[24-9]|3[1-59]|47|6[25]|9[02356])|3(?:3[28]|4[04679]|5[2467]|7[2-578]|8[2469]))[0-9])([0-9]{6})$",
            r"0\115\2",
        ),
        (r"^\+(549[0-9]{10})$", r"00\1"),
    ),
}
# Whose trunk prefix in the metadata is replaced by the rules above.
TRUNK = {"AR": "0", "BR": "0|90", "JP": "0"}
