"""A price list: what calls cost, by how the number begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from trunkline.model.fields import Note
from trunkline.model.item import Item
from trunkline.model.locale import Currency
from trunkline.model.outside import Amount, Prefix
from trunkline.model.values import Count


class Price(Item):
    """What a call costs (seed 004 section 9.4). Its key is how the numbers begin; the longest that fits counts.

    A call costs the connection fee, and the rate for every interval that has begun.
    """

    name: Note | None = Field(default=None, description="the destination, for people", examples=["Spain, mobile"])
    connection_fee: Amount = Field(default="0", description="paid once per call", examples=["0.01"])
    rate: Amount = Field(description="per minute", examples=["0.02"])
    interval: Annotated[int, Count(1, 86_400)] = Field(
        default=60, description="seconds that are paid at once: every interval that has begun", examples=["1"]
    )


class PriceList(Item):
    """What calls cost (seed 004 section 9.4).

    The prices may stand in a CSV file in the brand's folder, ``<list>.prices.csv``, with the columns `prefix`, `name`,
    `connection_fee`, `rate` and `interval`.
    """

    description: Note | None = Field(default=None, description="for people", examples=["Valid from 2026-10"])
    currency: Currency | None = Field(default=None, description="default: the brand's", examples=["EUR"])
    prices: Mapping[Prefix, Price] = Field(
        default_factory=dict,
        description="prices, by how numbers begin",
        examples=[{"+34": {"rate": "0.02"}}],
    )
