"""An AT console, and the module's files and troubles from a desktop: see run.py."""
