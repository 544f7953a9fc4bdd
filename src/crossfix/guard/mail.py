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
        self._encrypted = address.scheme == "smtps"
        self._host = address.hostname or "localhost"
        self._port = address.port or _PORTS[address.scheme]
        self._sender = settings.sender
        self._user = settings.user
        self._password = environment.get(settings.password or "", "")
        if settings.password is not None and not self._password:
            raise SettingError(
                f"The environment variable {settings.password} of the mail server is not set.",
                hint=f"Run: export {settings.password}=...",
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
            with self._connected() as server:
                if self._user is not None:
                    server.login(self._user, self._password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as e:
            raise OutsideError(
                f"The mail server {self._host} did not take a message: {type(e).__name__}."
            ) from e

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._encrypted:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=WAIT_SECONDS, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=WAIT_SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
        except BaseException:
            server.close()
            raise
        return server
