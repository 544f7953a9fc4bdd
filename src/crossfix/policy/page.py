"""The live usage policies as a page for users, and who accepted which version of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from crossfix.events.event import Event, Surface, event_id
from crossfix.policy.policy import Effect, Policy

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "sd", "ug"})

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Usage policies", "version": "version", "edition": "Edition",
        "follows": "What follows if you do:", "none": "There are no usage policies.",
        "flag": "it is noted", "throttle": "your requests are slowed down for a while",
        "challenge": "you are asked to verify your account", "block": "the request is refused",
        "watch": "your account is watched for a time",
        "limit": "your account is limited for a time",
        "label": "a note is kept with your account for a time",
        "notify": "the people who run the service are told",
    },
    "es": {
        "title": "Normas de uso", "version": "versión", "edition": "Edición",
        "follows": "Lo que ocurre en ese caso:", "none": "No hay normas de uso.",
        "flag": "queda anotado", "throttle": "sus solicitudes se ralentizan por un tiempo",
        "challenge": "se le pide verificar su cuenta", "block": "la solicitud se rechaza",
        "watch": "su cuenta se observa por un tiempo", "limit": "su cuenta se limita por un tiempo",
        "label": "se guarda una nota en su cuenta por un tiempo",
        "notify": "se avisa a quienes dirigen el servicio",
    },
    "fr": {
        "title": "Règles d’utilisation", "version": "version", "edition": "Édition",
        "follows": "Ce qui s’ensuit :", "none": "Il n’y a pas de règles d’utilisation.",
        "flag": "cela est noté", "throttle": "vos demandes sont ralenties pour un moment",
        "challenge": "il vous est demandé de vérifier votre compte",
        "block": "la demande est refusée", "watch": "votre compte est observé pour un temps",
        "limit": "votre compte est limité pour un temps",
        "label": "une note est gardée avec votre compte pour un temps",
        "notify": "les responsables du service sont avertis",
    },
    "de": {
        "title": "Nutzungsregeln", "version": "Fassung", "edition": "Ausgabe",
        "follows": "Was dann folgt:", "none": "Es gibt keine Nutzungsregeln.",
        "flag": "es wird vermerkt", "throttle": "Ihre Anfragen werden eine Zeitlang verlangsamt",
        "challenge": "Sie werden gebeten, Ihr Konto zu bestätigen",
        "block": "die Anfrage wird abgelehnt", "watch": "Ihr Konto wird eine Zeitlang beobachtet",
        "limit": "Ihr Konto wird eine Zeitlang eingeschränkt",
        "label": "bei Ihrem Konto steht eine Zeitlang ein Vermerk",
        "notify": "wer den Dienst betreibt, wird verständigt",
    },
    "pt": {
        "title": "Regras de utilização", "version": "versão", "edition": "Edição",
        "follows": "O que acontece nesse caso:", "none": "Não há regras de utilização.",
        "flag": "fica registado", "throttle": "os seus pedidos são abrandados por algum tempo",
        "challenge": "é-lhe pedido que verifique a sua conta", "block": "o pedido é recusado",
        "watch": "a sua conta é observada por algum tempo",
        "limit": "a sua conta é limitada por algum tempo",
        "label": "fica uma nota na sua conta por algum tempo",
        "notify": "quem gere o serviço é avisado",
    },
    "ru": {
        "title": "Правила использования", "version": "версия", "edition": "Редакция",
        "follows": "Что за этим следует:", "none": "Правил использования нет.",
        "flag": "это отмечается", "throttle": "ваши запросы на время замедляются",
        "challenge": "вас попросят подтвердить учётную запись", "block": "запрос отклоняется",
        "watch": "за вашей учётной записью какое-то время наблюдают",
        "limit": "ваша учётная запись на время ограничивается",
        "label": "при вашей учётной записи какое-то время хранится отметка",
        "notify": "об этом сообщают тем, кто ведёт сервис",
    },
    "ar": {
        "title": "قواعد الاستخدام", "version": "الإصدار", "edition": "الطبعة",
        "follows": "ما يترتب على المخالفة:", "none": "لا توجد قواعد استخدام.",
        "flag": "يُسجَّل ذلك", "throttle": "تُبطَّأ طلباتك لبعض الوقت",
        "challenge": "يُطلب منك التحقق من حسابك", "block": "يُرفض الطلب",
        "watch": "يُراقَب حسابك لبعض الوقت", "limit": "يُقيَّد حسابك لبعض الوقت",
        "label": "تُحفظ ملاحظة مع حسابك لبعض الوقت", "notify": "يُبلَّغ القائمون على الخدمة",
    },
    "zh": {
        "title": "使用规则", "version": "版本", "edition": "版次",
        "follows": "违反后的处理：", "none": "没有使用规则。",
        "flag": "予以记录", "throttle": "您的请求会在一段时间内被放慢",
        "challenge": "会要求您验证账户", "block": "请求被拒绝",
        "watch": "您的账户会在一段时间内受到关注", "limit": "您的账户会在一段时间内受到限制",
        "label": "您的账户会在一段时间内保留一条备注", "notify": "会通知服务的运营者",
    },
}  # fmt: skip
LANGUAGES: tuple[str, ...] = tuple(_WORDS)
"""The languages that the page speaks itself; policies may have texts in others too."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-block: 2rem .25rem; line-height: 1.3; }
small { color: light-dark(#555, #aaa); } ul { padding-inline-start: 1.25rem; }
"""


def published(policies: Iterable[Policy]) -> list[Policy]:
    """Return the policies that users are told of: the live ones with a text, in order of id."""
    return sorted((p for p in policies if p.status == "live" and p.text), key=lambda p: p.id)


def edition(policies: Iterable[Policy]) -> str:
    """Return what names this very set of published policies: 12 hex digits."""
    said = "\n".join(f"{p.id}@{p.version} {p.digest}" for p in published(policies))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def usage_page(policies: Sequence[Policy], language: str = "en") -> str:
    """Return the published policies as one HTML page that needs nothing else.

    Where a policy has no text in the language, a text in a language close to it or in English
    stands there, marked as what it is. Nothing of a policy but its texts is shown.
    """
    words = _WORDS.get(language) or _WORDS.get(language.partition("-")[0]) or _WORDS["en"]
    own = language if _known(language) else "en"
    shown = published(policies)
    sections = "".join(_section(policy, language, own, words) for policy in shown)
    body = sections or f"<p>{escape(words['none'])}</p>"
    return (
        f'<!doctype html>\n<html lang="{escape(own)}" dir="{_direction(own)}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{escape(words['title'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{escape(words['title'])}</h1>\n{body}\n"
        f"<p><small>{escape(words['edition'])} {edition(shown)}</small></p>\n</main>\n"
        "</body>\n</html>\n"
    )


def _known(language: str) -> bool:
    return language in _WORDS or language.partition("-")[0] in _WORDS


def _direction(language: str) -> str:
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def _section(policy: Policy, language: str, own: str, words: Mapping[str, str]) -> str:
    spoken, text = _text(policy.text, language)
    lang = f' lang="{escape(spoken)}" dir="{_direction(spoken)}"' if spoken != own else ""
    felt = [_effect(effect, words) for effect in policy.effects]
    effects = "".join(f"<li>{escape(one)}</li>" for one in dict.fromkeys(felt))
    return (
        f'<section id="{escape(policy.id)}">\n<h2{lang}>{escape(_first(text))}</h2>\n'
        f"<p{lang}>{escape(text)}</p>\n<p>{escape(words['follows'])}</p>\n<ul>{effects}</ul>\n"
        f"<p><small>{escape(policy.id)}, {escape(words['version'])} {policy.version}</small></p>\n"
        "</section>\n"
    )


def _text(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    near = language.partition("-")[0]
    for wanted in (language, near, *(x for x in texts if x.partition("-")[0] == near), "en"):
        if wanted in texts:
            return wanted, texts[wanted]
    return next(iter(texts.items()))


def _first(text: str) -> str:
    """Return the first sentence, which is what the policy is about."""
    flat = " ".join(text.split())
    for mark in ("。", "؟", ". ", "! "):
        if mark in flat:
            return flat.partition(mark)[0] + mark.strip()
    return flat


def _effect(effect: Effect, words: Mapping[str, str]) -> str:
    return words[effect.kind]


def acceptance(
    account: str,
    policies: Iterable[Policy],
    now: float,
    *,
    service: str,
    surface: Surface = "ai",
    language: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Event:
    """Return the event that an account accepted the published policies as they stand.

    Its attribute ``accepted`` has every policy as ``id@version``, ``edition`` what names them all
    together. ``now`` is in seconds since 1970 UTC. The event is an account's ``profile``.
    """
    shown = published(policies)
    time = datetime.fromtimestamp(now, UTC)
    mark = edition(shown)
    accepted = " ".join(f"{policy.id}@{policy.version}" for policy in shown)
    return Event(
        id=event_id(service, f"accepted:{account}:{mark}"), time=time, received=time,
        service=service, surface=surface, account=account, action="profile", language=language,
        attributes={**(attributes or {}), "accepted": accepted, "edition": mark},
    )  # fmt: skip
