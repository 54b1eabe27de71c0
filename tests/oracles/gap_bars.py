#!/usr/bin/env python3
"""Gives a CSV of bars a gap before every open, the same ones every time. usage: gap_bars.py IN OUT

Each open moves by up to 10.0 (in steps of 0.1), by a multiplicative hash of its row number; high and low are widened to hold it.
"""
import csv
import sys
from decimal import Decimal


def gap(row):
    return Decimal((row * 2_654_435_761) % 2**32 % 201 - 100) / 10


def main():
    source, dest = sys.argv[1:]
    with open(source, newline="", encoding="utf-8") as f, open(dest, "w", newline="", encoding="utf-8") as g:
        rows, out = csv.reader(f), csv.writer(g, lineterminator="\n")
        head = next(rows)
        out.writerow(head)
        o, h, low = head.index("open"), head.index("high"), head.index("low")
        for i, row in enumerate(rows):
            moved = Decimal(row[o]) + gap(i)
            row[o] = str(moved)
            row[h] = str(max(moved, Decimal(row[h])))
            row[low] = str(min(moved, Decimal(row[low])))
            out.writerow(row)


if __name__ == "__main__":
    main()
