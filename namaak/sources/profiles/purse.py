"""The money that a source may spend in a month: counted before the platform is asked, never after.

A call is paid in full beforehand, as if it gave all that it can. What it then did not give is taken
back only once its answer was read to the end; a run that is killed in between, or an answer that
breaks off, has cost what it could have cost. So the count is never below the bill.
Money is counted in millionths of a dollar, whole ones; months are those of UTC.
May import: namaak.errors, namaak.sources.profiles.spending.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from namaak.errors import Failure, SourceError
from namaak.sources.profiles.spending import Ledger

_UNIT = "microdollars"
_MILLION = 1_000_000
#: More than any bill: what was given beyond what was asked for is counted, come what may.
_ANY = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was counted for one call."""

    amount: int  #: millionths of a dollar
    brand: str
    at: datetime  #: of the month it was taken from, also where it is given back in the next one


class Purse:
    """A source's money, and each brand's share of it."""

    def __init__(
        self, ledger: Ledger, *, who: str, per_month: Decimal, per_brand: Decimal | None
    ) -> None:
        """who: as in "X". per_month: dollars, for all; per_brand: of them, for each brand."""
        self._ledger = ledger
        self._who = who
        self._per_month = _floor(per_month)
        self._per_brand = None if per_brand is None else _floor(per_brand)

    def pay(self, dollars: Decimal, *, brand: str, now: datetime) -> Payment:
        """Count what a call may cost at most. brand: "" where it is for none in particular.

        Raises SourceError, throttled, where that would be more than there is.
        """
        payment = Payment(amount=_ceiling(dollars), brand=brand, at=now)
        month = _month(now)
        if brand and self._per_brand is not None and not self._ledger.spend(
            payment.amount, _UNIT, now=now, most=self._per_brand, since=month, account=brand
        ):  # fmt: skip
            raise self._spent(f"{self._who}'s money for the brand {brand}", now)
        if not self._ledger.spend(
            payment.amount, _UNIT, now=now, most=self._per_month, since=month
        ):
            # Nothing was asked, so nothing can have been spent.
            self._share(payment, -payment.amount)
            raise self._spent(f"{self._who}'s money", now)
        return payment

    def settle(self, payment: Payment, dollars: Decimal) -> None:
        """What the call cost, once that is certain: too much is given back, too little added."""
        more = _ceiling(dollars) - payment.amount
        self._count(payment, more)
        self._share(payment, more)

    def left(self, now: datetime, *, brand: str = "") -> Decimal:
        """Dollars that a call for this brand could still cost this month."""
        since = _month(now)
        left = self._per_month - self._ledger.spent(_UNIT, since=since, account="")
        if brand and self._per_brand is not None:
            of_brand = self._per_brand - self._ledger.spent(_UNIT, since=since, account=brand)
            left = min(left, of_brand)
        return Decimal(max(0, left)) / _MILLION

    def in_words(self, now: datetime) -> str:
        """As in "$24.50 of $25.00 left this month"."""
        most = Decimal(self._per_month) / _MILLION
        return f"${_shown(self.left(now))} of ${_shown(most)} left this month"

    def _share(self, payment: Payment, more: int) -> None:
        if payment.brand and self._per_brand is not None:
            self._count(payment, more, account=payment.brand)

    def _count(self, payment: Payment, more: int, account: str = "") -> None:
        if more < 0:
            self._ledger.give_back(-more, _UNIT, at=payment.at, account=account)
        elif more > 0:
            self._ledger.spend(
                more, _UNIT, now=payment.at, most=_ANY, since=_month(payment.at), account=account
            )

    def _spent(self, what: str, now: datetime) -> SourceError:
        renewed = _next_month(now)
        return SourceError(
            f"{what} for this month is spent, or what is left is too little for one more call; it "
            f"is renewed on {renewed:%d %b %Y}, and the first run after that goes on.",
            Failure.THROTTLED,
        )


def _shown(dollars: Decimal) -> Decimal:
    return dollars.quantize(Decimal("0.01"), rounding=ROUND_FLOOR)


def _floor(dollars: Decimal) -> int:
    return int((dollars * _MILLION).to_integral_value(rounding=ROUND_FLOOR))


def _ceiling(dollars: Decimal) -> int:
    return int((dollars * _MILLION).to_integral_value(rounding=ROUND_CEILING))


def _month(now: datetime) -> date:
    return now.astimezone(UTC).date().replace(day=1)


def _next_month(now: datetime) -> date:
    first = _month(now)
    year, month = divmod(first.year * 12 + first.month, 12)
    return date(year, month + 1, 1)
