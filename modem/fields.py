"""AT parameters as numbers: checked going out, read where they lie coming in. Those that are text: params.py."""


def number(name, value, low, high):
    """Return `value` when it is an int from `low` to `high`; TypeError or ValueError naming the parameter otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s must be an int" % name)
    if not low <= value <= high:
        raise ValueError("%s must be %d to %d" % (name, low, high))
    return value


def digits(buf, s, e):
    """Return the decimal number that begins at `buf[s]` (blanks in front are skipped), -1 where there is none. No allocation."""
    while s < e and buf[s] == 32:
        s += 1
    if s >= e or not 48 <= buf[s] <= 57:
        return -1
    v = 0
    while s < e and 48 <= buf[s] <= 57:
        v = v * 10 + buf[s] - 48
        s += 1
    return v


def after_comma(buf, s, e):
    """Return the index behind the next comma in `buf[s:e]`, or `e` where there is none. No allocation."""
    s = buf.find(b",", s, e)
    return e if s < 0 else s + 1
