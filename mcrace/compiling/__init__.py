"""From plain scalar functions to machine code, and the arithmetic that is the same to the bit in both."""

from mcrace.compiling.entry import address_of
from mcrace.compiling.functions import compiled
from mcrace.compiling.parts import fingerprint
from mcrace.compiling.primitives import bits_of, mirrored, number_at, number_of, select, widely

__all__ = [
    "address_of",
    "bits_of",
    "compiled",
    "fingerprint",
    "mirrored",
    "number_at",
    "number_of",
    "select",
    "widely",
]
