"""A mail server: STARTTLS, a login, and each letter on a line of its own as JSON.

Usage: mail_server.py CERTIFICATE KEY USER PASSWORD [refuse|hang]
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

certificate, key, user, password, *mood = sys.argv[1:]


def told(**what):
    print(json.dumps(what), flush=True)


class Letters:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mood == ["refuse"]:
            return "550 5.1.1 nobody of that name lives here"
        if mood == ["hang"]:
            told(hangs=True)
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = message_from_bytes(envelope.content, policy=policy.default)
        headers = {name.lower(): str(value) for name, value in letter.items()}
        told(to=envelope.rcpt_tos, headers=headers, body=letter.get_content(), tls=session.ssl is not None)
        return "250 2.0.0 kept"


def login(server, session, envelope, mechanism, shown):
    is_right = isinstance(shown, LoginPassword) and shown == LoginPassword(user.encode(), password.encode())
    return AuthResult(success=is_right, handled=False)


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(certificate, key)
controller = Controller(
    Letters(), hostname="127.0.0.1", port=0, tls_context=tls, require_starttls=True, authenticator=login, auth_required=True
)
controller.start()
told(port=controller.server.sockets[0].getsockname()[1])
sys.stdin.read()
