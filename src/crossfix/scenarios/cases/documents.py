"""Mails, web pages and visits: the very bytes that files hold, and the events that they are."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from crossfix.events import Event
from crossfix.events.readers import Tally
from crossfix.events.readers.mail import event_of as event_of_mail
from crossfix.events.readers.mail_address import EMAIL
from crossfix.events.readers.web_page import event_of as event_of_page
from crossfix.events.readers.web_page import page_of
from crossfix.scenarios.cases.making import Making

_LINES = SMTP.clone(linesep="\n", cte_type="7bit")


def add_mail(
    making: Making, account: str, time: datetime, *, name: str, to: str, subject: str, text: str,
    ip: str,
) -> Event:  # fmt: skip
    """Add a mail that ``account`` (``email:address``) sends."""
    sender = account.removeprefix("email:")
    mail = EmailMessage(policy=_LINES)
    mail["From"] = f"{name} <{sender}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(time)
    mail["Message-ID"] = (
        f"<{len(making.documents)}.{int(time.timestamp())}@{sender.partition('@')[2]}>"
    )
    mail["X-Originating-IP"] = f"[{ip}]"
    mail.set_content(text, cte="base64" if not text.isascii() else None)
    raw = mail.as_bytes()
    return making.document(event_of_mail(raw, EMAIL, Tally("", "mail")), raw)


def add_page(
    making: Making, url: str, time: datetime, *, title: str, site: str, paragraphs: Sequence[str],
    language: str, links: Sequence[str] = (), analytics: str = "",
) -> Event:  # fmt: skip
    """Add a web page; its account is its host."""
    said = html.escape
    body = "\n".join(f"<p>{said(paragraph)}</p>" for paragraph in paragraphs)
    ends = "\n".join(f'<p><a href="{said(link)}">{said(link)}</a></p>' for link in links)
    tag = (
        f'<script async src="https://www.googletagmanager.com/gtag/js?id={analytics}"></script>'
        if analytics else ""
    )  # fmt: skip
    raw = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<title>{said(title)}</title>\n<link rel="canonical" href="{said(url)}">\n'
        f'<meta property="article:published_time" content="{time.isoformat()}">\n'
        f'<meta property="og:site_name" content="{said(site)}">{tag}</head>\n'
        f"<body><h1>{said(title)}</h1>\n{body}\n{ends}</body></html>\n"
    ).encode()
    return making.document(event_of_page(page_of(raw, None), time), raw)
