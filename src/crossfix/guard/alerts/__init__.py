"""What operators are told at once: by e-mail, by webhook, in Slack's format."""

from crossfix.guard.alerts.alert import LEVELS, Alert, Level
from crossfix.guard.alerts.desk import Channel, Desk, UndeliverableError
from crossfix.guard.alerts.mail import Mail
from crossfix.guard.alerts.webhook import Webhook, sign

__all__ = [
    "LEVELS",
    "Alert",
    "Channel",
    "Desk",
    "Level",
    "Mail",
    "UndeliverableError",
    "Webhook",
    "sign",
]
