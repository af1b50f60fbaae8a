"""Freezes the library into firmware; runs inside MicroPython's build, from the manifest of a board:

    include("/path/to/project/modem/manifest.py")                                                everything
    include("/path/to/project/modem/manifest.py", vendor="quectel", features="sms supervisor")   a slice

vendor    "quectel", "simcom" or "all"
features  names of what not every program needs, or "all": udp, server, sms, gnss, network, ppp, diagnose, supervisor,
          simcom-services
opt       optimisation level of mpy-cross: 3 leaves out line numbers

The lists of files are those for mip, in the package*.json files beside this one. ManifestFileError: there is no such vendor or
feature.
"""

import glob
import json

VENDORS = ("quectel", "simcom")


def listed(path):
    """Content of one of the files for mip."""
    with open(path) as f:
        return json.load(f)


metadata(
    version=listed("../package.json")["version"], description="Sockets over Quectel and SIMCom cellular modules", license="MIT"
)
options.defaults(vendor="all", features="all", opt=3)
vendors = VENDORS if options.vendor == "all" else (options.vendor,)
there = {path[len("package-") : -len(".json")] for path in glob.glob("package-*.json")} - set(VENDORS)
features = there if options.features == "all" else set(options.features.split())
if not set(vendors) <= set(VENDORS) or not features <= there:
    raise ValueError("vendor=%r, features=%r: known are %s, %s" % (options.vendor, options.features, VENDORS, sorted(there)))
paths = {path for part in (*vendors, *features) for path, _ in listed("package-%s.json" % part)["urls"]}
for vendor in VENDORS:
    if vendor not in vendors:  # a feature has files for both
        paths = {path for path in paths if not path.startswith("modem/%s/" % vendor)}
for name in ("package.json", "package-boards.json"):
    paths |= {path for path, _ in listed("../ports/" + name)["urls"]}
for folder in ("modem", "ports"):
    names = [path[len(folder) + 1 :] for path in sorted(paths) if path.startswith(folder + "/")]
    package(folder, files=names, base_path="..", opt=options.opt)
