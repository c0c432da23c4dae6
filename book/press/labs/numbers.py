"""Writes the numbers of all labs that need some: python -m book.press numbers."""

from book.press.labs.digit import numbers as digit
from book.press.labs.network import numbers as network


def main():
    for numbers in network, digit:
        numbers.main()
