"""A virtual LTE module: AT commands on a serial port, real sockets behind them. `python3 -m tools.vmodem --help`."""
