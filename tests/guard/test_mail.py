"""Mail goes to a real server, and a password only where the connection is encrypted."""

import pytest
from tests.guard.alerts.receivers import Mailbox

from crossfix.config.verification import SmtpSettings
from crossfix.errors import OutsideError
from crossfix.guard.mail import Mailer


def test_a_message_is_handed_over(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    box.answers = ["250 OK"]
    mailer = Mailer(SmtpSettings(url=f"smtp://127.0.0.1:{port}", sender="g@example.org"), {})
    mailer.send("anna@example.org", "Your code", "12345678")
    box.answers = ["550 no"]
    with pytest.raises(OutsideError, match="did not take a message: SMTPDataError"):
        mailer.send("anna@example.org", "Your code", "12345678")


def test_a_password_is_not_sent_in_the_clear(mailbox: tuple[Mailbox, int]) -> None:
    _, port = mailbox
    settings = SmtpSettings(
        url=f"smtp://127.0.0.1:{port}", sender="g@example.org", user="g", password="PASS"
    )
    mailer = Mailer(settings, {"PASS": "secret"})
    with pytest.raises(OutsideError, match="SMTPNotSupportedError"):
        mailer.send("anna@example.org", "Your code", "12345678")
