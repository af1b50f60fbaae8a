"""Certificates of the simulation, valid until 2060. There are no private keys to them: nobody shakes hands here."""

import base64

# An authority, and a server of it, peer.test (192.0.2.10)
AUTHORITY = base64.b64decode(
    b"MIIBMzCB2qADAgECAgEHMAoGCCqGSM49BAMCMBgxFjAUBgNVBAMMDVNpbXVsYXRpb24gQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2"
    b"MDAxMDEwMDAwMDBaMBgxFjAUBgNVBAMMDVNpbXVsYXRpb24gQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATFDRMt7MjjAVd7"
    b"MGFILv/Td/lT0zTAwiW/YDFg8ig+1D9vDi4Qs95ThKKLXogro+EdtxWMp4J1aH9McUfAdmhroxMwETAPBgNVHRMBAf8EBTADAQH/"
    b"MAoGCCqGSM49BAMCA0gAMEUCIAcTurg4vrPs87ehHaf3GYZddmiD8vwWvKDMFcYnId1zAiEAn3iWcF6J/TuUPVbTipHykfFnjmIJ"
    b"jGMareqwyFVogxM="
)
TRUSTED = base64.b64decode(
    b"MIIBUjCB+qADAgECAgEHMAoGCCqGSM49BAMCMBgxFjAUBgNVBAMMDVNpbXVsYXRpb24gQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2"
    b"MDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCXBlZXIudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBSqMl48d/D2oCABK3kG"
    b"yACmbalPlyQn9JriWxEU7tjcn0wN0QvEkWFC+ZBaQbud4+kx3LjpzdTJVsnaJg/vmjOjNzA1MAwGA1UdEwEB/wQCMAAwJQYDVR0R"
    b"BB4wHIIJcGVlci50ZXN0ggltYWlsLnRlc3SHBMAAAgowCgYIKoZIzj0EAwIDRwAwRAIgC/uG/1bkTdGByCtqV8TV9blqsQ4aJcbe"
    b"DR+WzdCe4K8CIH5+VBTyPn9YFDefAzpF4Lf1dp/v38s6S6lkJBwXayNX"
)
# The same name, from an authority that nobody trusts
FOREIGN = base64.b64decode(
    b"MIIBUzCB+qADAgECAgEHMAoGCCqGSM49BAMCMBgxFjAUBgNVBAMMDVNvbWUgb3RoZXIgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjA2"
    b"MDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCXBlZXIudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDbRnyNlh+phAplvVphV"
    b"opu3IMxSFwtCARkQ2EPnLDAMmnJVYNVsKnTGnXhUGXveCa0hgDfbNCEgT3oOdNd6Mz6jNzA1MAwGA1UdEwEB/wQCMAAwJQYDVR0R"
    b"BB4wHIIJcGVlci50ZXN0ggltYWlsLnRlc3SHBMAAAgowCgYIKoZIzj0EAwIDSAAwRQIgc5tvLcsfM2LjC8c5FOjj5tQzO/zGw8h6"
    b"F/b+ns/9Z08CIQDOSQD3gm3ne429Hy6zP1QxQCZkACXpoy1eew9/latlBg=="
)


def pem(certificate):
    """A certificate as the module's files hold it."""
    text = base64.encodebytes(certificate)
    return b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"
