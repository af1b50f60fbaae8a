"""Connections: what is open, what is readable, how it is opened, switched and closed. The same for every vendor."""
