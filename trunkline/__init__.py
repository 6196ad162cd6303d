"""Trunkline: a multi-tenant carrier telephony platform as code."""

__version__ = "0.1.0"
