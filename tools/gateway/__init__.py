"""Lets the programs of a desktop use the modem's connection: see run.py."""
