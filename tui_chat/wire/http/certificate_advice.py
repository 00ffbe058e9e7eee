"""Advice about a certificate that is not accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ssl

_ADVICE: Final = {
    9: "The certificate is not valid yet: check the clocks of the server and of this computer.",
    10: "The server has to renew its certificate; if it did, check the clock of this computer.",
    18: "It is signed by itself: set SSL_CERT_FILE to it, if you trust it.",
    19: "Its authority is not known here: set SSL_CERT_FILE to the authority's certificate, if you trust it.",
    20: "The server should send the whole chain, with the certificates in between; or set SSL_CERT_FILE.",
    21: "The server should send the whole chain, with the certificates in between; or set SSL_CERT_FILE.",
    23: "Its authority has revoked it: the server needs another.",
    62: "Ask by the name that the certificate is for, or have it issued for this one.",
    64: "Ask by the name that the certificate is for, or have it issued for this address.",
}
"""The advice for each error of OpenSSL's verification (X509_V_ERR_…)."""


def certificate_advice(error: ssl.SSLCertVerificationError) -> str:
    """A sentence that says what to do."""
    return _ADVICE.get(error.verify_code, "For an authority of your own, set SSL_CERT_FILE to its certificate.")
