"""Programs of others, unchanged, as the registry has them, and certificates for their servers. CPython only.

`board_library()` returns a folder to import from. Each archive is fetched once, checked against its hash, and kept in build/.
(pip refuses most of them: a package made for MicroPython's own installer has no setup.py. unearth fetches without building.)
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

import trustme

from tests.rigs.scene_runner import ROOT

_PROGRAMS = ROOT / "build" / "programs"
# for boards: name, version, hash of the archive, where its modules are
_ON_BOARDS = (
    ("micropython-umqtt.simple", "1.3.4", "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f", ""),
    ("micropython-umqtt.robust", "1.0", "22a1b8c8e1128281efb13b3020927d07e33c5b747869da2cd77d37983a9ea002", ""),
    ("micropython-mqtt-async", "0.7b4", "c10a8a34064adad629f71f7ea559f7070169ce13c180265509f68f58618eec2b", ""),
    ("microdot", "2.7.0", "e11f39f0f5564bb5db69f728902740ed592d632ae7a03e24ca3a88cd59ad2f53", "src"),
)


def board_library():
    """The programs for boards: a folder with umqtt/simple.py, umqtt/robust.py, mqtt_async.py and microdot/, as in a board's lib."""
    versions = "".join(name + version + digest for name, version, digest, _ in _ON_BOARDS)
    folder = _PROGRAMS / ("lib-" + hashlib.sha256(versions.encode()).hexdigest()[:12])
    with _made(folder) as lib:
        for name, version, digest, where in _ON_BOARDS if lib else ():
            with tempfile.TemporaryDirectory(dir=_PROGRAMS) as scratch:
                archive = _download(name, version, scratch)
                found = hashlib.sha256(archive.read_bytes()).hexdigest()
                assert found == digest, "%s is not what was expected: %s" % (archive.name, found)
                with tarfile.open(archive) as tar:
                    tar.extractall(scratch, filter="data")
                unpacked = pathlib.Path(scratch) / ("%s-%s" % (name, version)) / where
                modules = [p for p in unpacked.rglob("*.py") if p.is_file() and p.name != "setup.py"]  # not a dangling link
                assert modules, archive.name
                for p in modules:
                    target = lib / p.relative_to(unpacked)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(p, target)
    return folder


@contextlib.contextmanager
def _made(folder):
    """Yields the folder to fill that becomes `folder`, None where that is there already."""
    if folder.exists():
        yield None
        return
    _PROGRAMS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_PROGRAMS) as scratch:
        yield pathlib.Path(scratch) / "new"
        try:
            os.rename(scratch + "/new", folder)
        except OSError:
            assert folder.exists()  # another process was faster


def packages(*wanted):
    """Packages for CPython, "name==version" each, with nothing that they want besides: a folder to import from."""
    folder = _PROGRAMS / "-".join(wanted).replace("==", "-")
    with _made(folder) as new:
        if new:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(new), *wanted]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, "%s could not be fetched: %s" % (wanted, done.stderr)
    return folder


def _download(name, version, folder):
    command = [sys.executable, "-m", "unearth", "%s==%s" % (name, version), "--no-binary", "--download", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    (archive,) = pathlib.Path(folder).glob("*.tar.gz") or [None]
    assert done.returncode == 0 and archive, "%s could not be fetched: %s" % (name, done.stderr)
    return archive


@contextlib.contextmanager
def authority(host):
    """Yields two files: the certificate of an authority (ca.pem), and chain and key of a server `host` by it."""
    with tempfile.TemporaryDirectory() as folder:
        ca = trustme.CA(key_type=trustme.KeyType.RSA)
        trust, chain = pathlib.Path(folder) / "ca.pem", pathlib.Path(folder) / "server.pem"
        ca.cert_pem.write_to_path(trust)
        ca.issue_cert(host, key_type=trustme.KeyType.RSA).private_key_and_cert_chain_pem.write_to_path(chain)
        yield trust, chain
