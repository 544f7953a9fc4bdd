"""Every reason the guard gives by itself: its code, what the person reads, and what lifts it."""

from __future__ import annotations

import msgspec

from crossfix.guard.decision import Answer


class Code(msgspec.Struct, frozen=True):
    """A reason: the answer that it leads to, and two sentences for the person concerned."""

    answer: Answer
    text: str
    lifts: str


LIFTS: dict[Answer, str] = {
    "throttle": "Wait as long as the answer says; then it goes on.",
    "challenge": "Pass the verification that the answer names; then it goes on.",
    "flag": "Nothing needs to be done.",
}
"""Answer of a policy -> what lifts it; of a block, another request does."""

PHRASES = {
    "refused": "This request is refused.",
    "reference": "Reference: {}",
    "verify": "Verify here: {}",
}
"""What stands around reasons: where there is none, and after them."""

CODES: dict[str, Code] = {
    "key_unknown": Code("block", "The API key is not known.", "Use the key that you were given."),
    "key_expired": Code("block", "The API key has expired.", "Ask for a new key."),
    "key_revoked": Code("block", "The API key has been revoked.", "Ask for a new key."),
    "key_scope": Code("block", "The API key may not do this.", "Use a key that may."),
    "identity_missing": Code(
        "block",
        "The request does not say which account it is for.",
        "Send the signed token or header that this key needs.",
    ),
    "identity_invalid": Code(
        "block",
        "What says which account this is for is not valid, or not any more.",
        "Sign in again.",
    ),
    "identity_unusable": Code(
        "block",
        "The name of the account cannot be used as it is.",
        "Send a plain, lasting id of the account.",
    ),
    "account_watched": Code(
        "flag", "This account is being watched.", "It ends by itself, or by an appeal."
    ),
    "account_limited": Code(
        "throttle",
        "This account is limited for a time.",
        "Wait as long as the answer says; the limit ends by itself, or by an appeal.",
    ),
    "verification_required": Code(
        "challenge",
        "This account must be verified before it can go on.",
        "Pass the verification that the answer names.",
    ),
    "account_suspended": Code(
        "block", "This account is suspended.", "It ends by itself or by an appeal."
    ),
    "account_removed": Code("block", "This account has been removed.", "An appeal."),
    "rate_limit_requests": Code(
        "throttle", "Too many requests in a short time.", "Wait as long as the answer says."
    ),
    "rate_limit_tokens": Code(
        "throttle", "Too many tokens in a short time.", "Wait as long as the answer says."
    ),
    "rate_limit_concurrent": Code(
        "throttle", "Too many requests at the same time.", "Wait until one of them has ended."
    ),
    "rate_limit_accounts": Code(
        "throttle",
        "Too many new accounts come from this network or key.",
        "Wait as long as the answer says, or verify the account.",
    ),
    "spend_account": Code(
        "throttle",
        "This account has used up what it may spend.",
        "Wait for the next day or month, or ask for a higher cap.",
    ),
    "spend_organisation": Code(
        "throttle",
        "This organisation has used up what it may spend.",
        "Wait for the next day or month, or ask for a higher cap.",
    ),
    "content_indicator": Code(
        "flag", "The text holds something that is known from misuse.", "Nothing needs to be done."
    ),
    "content_pattern": Code(
        "flag", "The text looks like something that is not allowed.", "Nothing needs to be done."
    ),
    "content_secret": Code(
        "flag", "The text holds what looks like a password or key.", "Take it out of the text."
    ),
    "content_personal": Code("flag", "The text holds personal data.", "Take them out of the text."),
    "content_fingerprint": Code(
        "flag", "The text is like one that is known from misuse.", "Nothing needs to be done."
    ),
    "content_swarm": Code(
        "flag",
        "The text is like one that several accounts have just sent.",
        "Nothing needs to be done.",
    ),
    "content_url": Code(
        "flag", "The text holds an address that looks like a lure.", "Nothing needs to be done."
    ),
    "content_disguise": Code(
        "flag", "The text holds signs that nobody can see.", "Take them out of the text."
    ),
    "content_classifier": Code(
        "flag", "The text was rated as likely misuse.", "Nothing needs to be done."
    ),
    "policy": Code(
        "block",
        "This is against a usage policy.",
        "Change the request; the policy says what is allowed.",
    ),
    "risk_high": Code(
        "flag",
        "This account behaves quite unlike before and unlike others.",
        "It ends as the behaviour does.",
    ),
    "check_unavailable": Code(
        "block",
        "A check that is needed could not be made.",
        "Try again in a moment; nothing is wrong with the request.",
    ),
}
"""Code -> what it means. Codes of a policy's own reason are ``policy``, with the policy's id."""
