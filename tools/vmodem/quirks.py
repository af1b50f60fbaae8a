"""Habits that firmwares of both vendors have: entries of the tables {name: (values, meaning)} of the models; the first value is
the default. "Field" stands for public logs of real modules.
"""

CMEE = (("0", "1", "2"), "+CMEE before anybody has set it; 1 is the factory default of some firmware (field).")
RESTART = (
    ("0", "0.1", "1", "2"),
    "seconds that the module goes on answering after the OK of a command that restarts it (field: 0.1 to 2).",
)
CFUN = (("reset", "kept"), "AT+CFUN after a restart: 1; or what it was before (field).")
CPINR = (("present", "missing"), "AT+CPINR: there (3GPP TS 27.007, 8.65); or ERROR, as the A76XX manual does not list it.")
GNSS = (("present", "missing"), "the satellite receiver and its commands: there, or not, as it is an option of the hardware.")
