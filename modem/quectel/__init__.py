"""Quectel modules."""
