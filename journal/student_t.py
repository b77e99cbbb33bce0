"""Student's t distribution, which the standard library lacks, as far as intervals of means need it. Pure."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_CONFIDENCE = 0.95


def student_t(freedom: float) -> float:
    """The number of standard errors that holds 95 % of Student's t with so many degrees of freedom, 1 or more."""
    low, high = 0.0, 1.0
    while _t_within(high, freedom) < _CONFIDENCE:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_within(middle, freedom) < _CONFIDENCE else (low, middle)
    return (low + high) / 2


def _t_within(t: float, freedom: float) -> float:
    """The probability of Student's t between -t and t."""
    freedom = min(freedom, 1e7)
    return 1 - _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    fraction = d
    for m in range(1, 500):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or tiny)
            c = 1 + numerator / c or tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * fraction / a
