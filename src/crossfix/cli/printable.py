"""Text from outside, made safe to print: it must not steer the terminal."""


def printable(text: str) -> str:
    """Return text with every control and invisible character but the line feed as an escape."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
