"""Whether a server speaks TLS: for an address that was typed without a scheme."""

import socket
import ssl

_SECONDS = 10.0


def speaks_tls(host: str, port: int) -> bool:
    """Return whether a server answers a TLS handshake, with any certificate; False when it cannot be reached."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=_SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False
