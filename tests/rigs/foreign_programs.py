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
# for CPython, as pip takes them; the wheels are the same for every platform
PAHO = ("paho-mqtt==2.2.0 --hash=sha256:3243630f7c2b05f71d1de8c6f59865eb04d3a59ae8c866e92377faed6753db4d",)  # fmt: skip
AIOMQTT = ("aiomqtt==2.5.1 --hash=sha256:fd58c3593160e4d475d90ce911cdfc4239cd64de96b0ba22edf6c86bd7afa278", *PAHO)  # fmt: skip
_IDNA = "idna==3.20 --hash=sha256:ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c"
_CERTIFI = "certifi==2026.7.22 --hash=sha256:62f22742b58a1a33014a2b6b706588a8d7e2a88ae7bd1a6ebe8c992928483775"
HTTPX = (  # with what it wants besides, socksio for its SOCKS proxies
    "httpx==0.28.1 --hash=sha256:d909fcccc110f8c7faf814ca82a9a4d816bc5a6dbfea25d6591d6985b8ba59ad",
    "httpcore==1.0.9 --hash=sha256:2d400746a40668fc9dec9810239072b40b4484b640a8c38fd654a024c7a1bf55",
    "h11==0.16.0 --hash=sha256:63cf8bbe7522de3bf65932fda1d9c2772064ffb3dae62d55932da54b31cb6c86",
    "anyio==4.16.0 --hash=sha256:c66ae634e0b8228396b801741beb3294326d4b6102f7bba4041c0dfb58c29026",
    "socksio==1.0.0 --hash=sha256:95dc1f15f9b34e8d7b16f06d74b8ccf48f609af32ab33c608d08761c5dcbb1f3",
    _IDNA,
    _CERTIFI,
)
REQUESTS = (  # with what it wants besides
    "requests==2.34.2 --hash=sha256:2a0d60c172f83ac6ab31e4554906c0f3b3588d37b5cb939b1c061f4907e278e0",
    "urllib3==2.8.0 --hash=sha256:0cf3cae568d36aa9576b28dfb35f11328f1cb974ca7647d9475ebb86c75ac6e3",
    "charset-normalizer==3.4.7 --hash=sha256:3dce51d0f5e7951f8bb4900c257dad282f49190fdbebecd4ba99bcc41fef404d",
    _IDNA,
    _CERTIFI,
)
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
    """Packages for CPython, each "name==version", with its hash or without, and nothing that they want besides: a folder to import from."""
    folder = _PROGRAMS / ("%s-%s" % (wanted[0].partition(" ")[0], hashlib.sha256("".join(wanted).encode()).hexdigest()[:12]))
    with _made(folder) as new:
        if new:
            listed = new.parent / "requirements.txt"
            listed.write_text("\n".join(wanted))
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            done = subprocess.run([*pip, "--target", new, "-r", listed], capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, "%s could not be fetched: %s" % (wanted, done.stderr)
    return folder


def _download(name, version, folder):
    command = [sys.executable, "-m", "unearth", "%s==%s" % (name, version), "--no-binary", "--download", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    (archive,) = list(pathlib.Path(folder).glob("*.tar.gz")) or [None]
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
