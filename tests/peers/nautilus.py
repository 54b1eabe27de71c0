#!/usr/bin/env python3
"""NautilusTrader 2 on the same bars and rule. usage: nautilus.py CSV [--noop] [--fast 10] [--slow 20]

Fills of a market order come at the close of its bar. Prints one JSON line; timed is `run()` alone, data in memory.
"""
import argparse
import csv
import json
import resource
import time
from decimal import Decimal

import nautilus_trader
from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig, LogLevel
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model import (AccountType, Bar, BarType, Currency, Money, OmsType, OrderSide, Price, Quantity,
                                   TraderId, Venue)
from nautilus_trader.testkit.providers import TestInstrumentProvider
from nautilus_trader.trading import Strategy

MINUTE_NS = 60_000_000_000


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("csv")
    ap.add_argument("--noop", action="store_true")
    ap.add_argument("--fast", type=int, default=10)
    ap.add_argument("--slow", type=int, default=20)
    a = ap.parse_args()

    usdt, venue = Currency.from_str("USDT"), Venue("BINANCE")
    instrument = TestInstrumentProvider.btcusdt_perp_binance()
    kind = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    data = []
    with open(a.csv, newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        next(rows)
        for ts, o, h, low, c, v in rows:
            at = int(ts) + MINUTE_NS
            prices = [Price(float(x), 1) for x in (o, h, low, c)]
            data.append(Bar(kind, *prices, Quantity(float(v), 3), at, at))
    n = len(data)

    quiet = LoggerConfig(stdout_level=LogLevel.OFF, bypass_logging=True)
    engine = BacktestEngine(BacktestEngineConfig(trader_id=TraderId("BENCH-001"), logging=quiet, run_analysis=True))
    engine.add_venue(venue=venue, oms_type=OmsType.NETTING, account_type=AccountType.MARGIN,
                     starting_balances=[Money(1_000_000, usdt)], default_leverage=Decimal(10), bar_execution=True,
                     fee_model=MakerTakerFeeModel(Decimal("0.000200"), Decimal("0.000180")))
    engine.add_instrument(instrument)
    engine.add_data(data)
    del data

    class Cross(Strategy):
        def on_start(self):
            self.fast, self.slow = ExponentialMovingAverage(a.fast), ExponentialMovingAverage(a.slow)
            if not a.noop:
                self.register_indicator_for_bars(kind, self.fast)
                self.register_indicator_for_bars(kind, self.slow)
            self.size = Quantity(0.010, 3)
            self.subscribe_bars(kind)

        def on_bar(self, bar):
            if a.noop or not self.indicators_initialized():
                return
            book, mine = self.portfolio, instrument.id
            up = self.fast.value >= self.slow.value
            if (book.is_net_short(mine) if up else book.is_net_long(mine)):
                self.close_all_positions(mine)
            elif not book.is_net_flat(mine):
                return
            side = OrderSide.BUY if up else OrderSide.SELL
            order = self.order_factory.market(instrument_id=mine, order_side=side, quantity=self.size)
            self.submit_order(order)

    engine.add_strategy(Cross())
    wall, cpu = time.perf_counter(), time.process_time()
    engine.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result = engine.get_result()
    balance = engine.portfolio.account(venue).balance_total(usdt)
    print(json.dumps({
        "engine": f"nautilus_trader {nautilus_trader.__version__}", "price": "close", "bars": n,
        "orders": result.total_orders, "final": str(balance).split()[0].replace("_", "").replace(",", ""),
        "wall_s": round(wall, 4), "cpu_s": round(cpu, 4),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }))


if __name__ == "__main__":
    main()
