"""Programs of others, unchanged, as the registry has them, and certificates for their servers. CPython only.

`umqtt_simple()` returns a folder to import from. The archive is fetched once, checked against its hash, and kept in build/.
(pip refuses it: a package made for MicroPython's own installer has no setup.py. unearth fetches without building.)
"""

import contextlib
import hashlib
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import trustme

from tests.rigs.scene_runner import ROOT

_UMQTT = ("micropython-umqtt.simple", "1.3.4", "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f")


def umqtt_simple():
    """micropython-lib's umqtt.simple: a folder with umqtt/simple.py."""
    return _fetched(*_UMQTT)


def packages(*wanted):
    """Packages for CPython, "name==version" each, with nothing that they want besides: a folder to import from."""
    home = ROOT / "build" / "programs"
    folder = home / "-".join(wanted).replace("==", "-")
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", scratch + "/new", *wanted]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, "%s could not be fetched: %s" % (wanted, done.stderr)
            with contextlib.suppress(OSError):  # another process was faster
                os.rename(scratch + "/new", folder)
    return folder


def _fetched(name, version, digest):
    home = ROOT / "build" / "programs"
    folder = home / ("%s-%s" % (name, version))
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            archive = _download(name, version, scratch)
            found = hashlib.sha256(archive.read_bytes()).hexdigest()
            assert found == digest, "%s is not what was expected: %s" % (archive.name, found)
            with tarfile.open(archive) as tar:
                tar.extractall(scratch, filter="data")
            try:
                os.rename(pathlib.Path(scratch) / folder.name, folder)
            except OSError:
                assert folder.exists()  # another process was faster
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
