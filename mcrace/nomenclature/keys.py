"""Every key of a study's ``model`` section, in reading order."""

from mcrace.nomenclature.customer_keys import CUSTOMER_KEYS
from mcrace.nomenclature.lab_keys import LAB_KEYS
from mcrace.nomenclature.market_keys import MARKET_KEYS
from mcrace.nomenclature.motive_keys import MOTIVE_KEYS
from mcrace.nomenclature.open_keys import OPEN_KEYS
from mcrace.nomenclature.value_keys import VALUE_KEYS

__all__ = ["KEY_LIST", "OPTIONAL_SECTIONS"]

KEY_LIST = (*VALUE_KEYS, *CUSTOMER_KEYS, *MARKET_KEYS, *OPEN_KEYS, *LAB_KEYS, *MOTIVE_KEYS)

OPTIONAL_SECTIONS = ("value.satiation", "open.process", "open.chase")
"""Sections whose mechanism is off where they are absent, and that need their keys where they are not."""
