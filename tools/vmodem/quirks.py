"""Habits that firmwares of both vendors have: entries of the tables {name: (values, meaning)} of the models; the first value is
the default. "Field" stands for public logs of real modules.
"""

CMEE = (("0", "1", "2"), "+CMEE before anybody has set it; 1 is the factory default of some firmware (field).")
RESTART = (
    ("0", "0.1", "1", "2"),
    "seconds that the module goes on answering after the OK of a command that restarts it (field: 0.1 to 2).",
)
CFUN = (("reset", "kept"), "AT+CFUN after a restart: 1; or what it was before (field).")
