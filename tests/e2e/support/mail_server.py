"""A mail server: STARTTLS, a login, and each letter on a line of its own as JSON.

Usage: mail_server.py CERTIFICATE KEY USER PASSWORD [refuse]
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

certificate, key, user, password, *mood = sys.argv[1:]


def told(**what):
    print(json.dumps(what), flush=True)


class Letters:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mood == ["refuse"]:
            return "550 5.1.1 nobody of that name lives here"
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


async def serve():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    rules = {"tls_context": tls, "require_starttls": True, "authenticator": login, "auth_required": True}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Letters(), hostname="localhost", **rules), "127.0.0.1", 0)
    told(port=server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
