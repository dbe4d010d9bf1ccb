"""Exact decimals: how text becomes an amount, how an amount becomes text, and the only ways to round."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

QUANTUM = Decimal("1e-18")
"""The finest amount that the books keep, in base money and in any coin."""

EXACT = Context(prec=200, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Wide enough that every sum and product of two stored amounts is exact; use it for all money arithmetic."""

MAX_TEXT = 80
MAX_EXPONENT = 40


def parse_decimal(written: str) -> Decimal:
    """Return the amount written in `written`; raises `ValueError` with a sentence when it is not a finite number."""
    stripped = written.strip()
    if len(stripped) > MAX_TEXT:
        msg = f"a number of {len(stripped)} characters is longer than {MAX_TEXT}"
        raise ValueError(msg)
    try:
        value = Decimal(stripped)
    except InvalidOperation:
        msg = f"{stripped!r} is not a number"
        raise ValueError(msg) from None
    if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
        msg = f"{stripped!r} is not a finite number of a usable size"
        raise ValueError(msg)
    return value


def text(value: Decimal) -> str:
    """Return `value` in plain notation without trailing zeros: `1E+3` is `1000`, `2.50` is `2.5`, `-0` is `0`."""
    if not value.is_finite():
        msg = f"{value} is not an amount"
        raise ValueError(msg)
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in {"-0", ""} else plain


def round_down(value: Decimal, step: Decimal) -> Decimal:
    """Return the multiple of `step` nearest to `value` towards zero: how a quantity becomes one that a venue takes."""
    steps = EXACT.divide(value, step).to_integral_value(rounding=ROUND_DOWN)
    return EXACT.multiply(steps, step)


def round_half_even(value: Decimal, places: int) -> Decimal:
    """Return `value` with `places` decimals, ties to even: the rounding of reports, never of the books."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=EXACT)
