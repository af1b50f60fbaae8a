"""The models: one small class of constants each, loaded when it is the one in use. Their names: modem/startup.py."""
