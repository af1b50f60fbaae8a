"""Tests: pytest runs them on CPython, tests/run.py runs the same files on MicroPython."""
