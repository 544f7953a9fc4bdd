"""Mail that crossfix sends: codes of verification, alerts."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from crossfix.config.verification import SmtpSettings
from crossfix.errors import OutsideError, SettingError

WAIT_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}


class MailServer:
    """A mail server, and how to hand it messages.

    Args:
        host, port: where it is.
        encrypted: whether the connection is from its start; else it becomes so where the server
            offers that.
        user, password: for a server that asks for them; they are sent only where it encrypts.
        context: how certificates are checked, if not by the system's list.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        encrypted: bool,
        user: str | None = None,
        password: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self._port = port
        self._encrypted = encrypted
        self._user, self._password = user, password
        self._context = context

    def take(self, message: EmailMessage | None) -> None:
        """Hand over a message and wait until it is taken; without one only greet and log in.

        Raises:
            SMTPException, OSError: the server cannot be reached or does not take it.
        """
        with self._connected() as server:
            if self._user is not None:
                server.login(self._user, self._password or "")
            if message is not None:
                server.send_message(message)
            else:
                server.noop()

    def _connected(self) -> smtplib.SMTP:
        context = self._context or ssl.create_default_context()
        if self._encrypted:
            return smtplib.SMTP_SSL(self.host, self._port, timeout=WAIT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self._port, timeout=WAIT_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif self._user is not None:
                raise smtplib.SMTPNotSupportedError("a password, but the server does not encrypt")
        except BaseException:
            server.close()
            raise
        return server


class Mailer:
    """Hands messages to the mail server of the settings.

    Args:
        settings: the mail server; ``url`` must be there.
        environment: where the password stands.

    Raises:
        SettingError: the password is missing.
    """

    def __init__(self, settings: SmtpSettings, environment: Mapping[str, str]) -> None:
        address = urlsplit(settings.url or "")
        password = environment.get(settings.password or "", "")
        if settings.password is not None and not password:
            raise SettingError(
                f"The environment variable {settings.password} of the mail server is not set.",
                hint=f"Run: export {settings.password}=...",
            )
        self._sender = settings.sender
        self._server = MailServer(
            address.hostname or "localhost",
            address.port or _PORTS[address.scheme],
            encrypted=address.scheme == "smtps",
            user=settings.user,
            password=password,
        )

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand over one message, and wait until the server has taken it.

        Raises:
            OutsideError: the server cannot be reached or does not take it.
        """
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            self._server.take(message)
        except (smtplib.SMTPException, OSError) as e:
            raise OutsideError(
                f"The mail server {self._server.host} did not take a message: {type(e).__name__}."
            ) from e
