"""Alerts by e-mail, over SMTP."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal

from crossfix.guard.alerts.alert import Alert, heading, lines
from crossfix.guard.alerts.desk import UndeliverableError
from crossfix.guard.mail import MailServer

Security = Literal["tls", "starttls"]


class Mail:
    """A mailbox that alerts are sent to.

    Args:
        host, port: the mail server.
        sender, to: addresses.
        security: ``tls`` from the start, or ``starttls`` where the server has it.
        user, password: for a server that asks for them; they are sent only where it encrypts.
        context: how certificates are checked, if not by the system's list.
    """

    name = "email"

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        to: tuple[str, ...],
        *,
        security: Security = "starttls",
        user: str | None = None,
        password: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._sender, self._to = sender, to
        self._server = MailServer(
            host, port, encrypted=security == "tls", user=user, password=password, context=context
        )

    async def send(self, alert: Alert) -> None:
        """Send an alert.

        Raises:
            UndeliverableError: the server did not take it; finally where it says so (5xx).
        """
        await asyncio.to_thread(self._send, self.message(alert))

    def message(self, alert: Alert) -> EmailMessage:
        """Return an alert as a mail."""
        message = EmailMessage()
        message["Subject"] = f"crossfix {heading(alert)}"
        message["From"] = self._sender
        message["To"] = ", ".join(self._to)
        message["Date"] = format_datetime(datetime.fromtimestamp(alert.time, UTC))
        message["Message-ID"] = make_msgid(domain="crossfix.invalid")
        # No holiday notices in answer to it.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join([heading(alert), "", *lines(alert), ""]))
        return message

    def check(self) -> None:
        """Connect, greet and log in, but send nothing.

        Raises:
            UndeliverableError: something of it failed.
        """
        self._send(None)

    def _send(self, message: EmailMessage | None) -> None:
        try:
            self._server.take(message)
        except smtplib.SMTPResponseException as e:
            said = e.smtp_error.decode("utf-8", "replace") if isinstance(e.smtp_error, bytes) else (
                e.smtp_error
            )  # fmt: skip
            final = 500 <= e.smtp_code < 600
            raise UndeliverableError(f"{e.smtp_code} {said}", final=final) from e
        except smtplib.SMTPRecipientsRefused as e:
            codes = [code for code, _ in e.recipients.values()]
            final = all(500 <= code < 600 for code in codes)
            raise UndeliverableError(f"every address was refused: {codes}", final=final) from e
        except (smtplib.SMTPException, OSError, ssl.SSLError) as e:
            raise UndeliverableError(f"{type(e).__name__}: {e}") from e
