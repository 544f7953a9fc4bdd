"""Keep the generated parts of the documentation as the code has them.

A part stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``. Run
``python docs/generate.py`` to write all parts anew; tests/docs compares them with the code.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from crossfix.accounts.risk import WEIGHTS
from crossfix.cli import VERBS, cli
from crossfix.config import describe_settings
from crossfix.content.classifier import CATEGORIES
from crossfix.content.disguise import DISGUISES, FOLDED
from crossfix.content.personal import PERSONAL
from crossfix.content.secrets import SECRETS
from crossfix.errors import CrossfixError
from crossfix.events.attributes import RESERVED
from crossfix.events.readers.columns import ATTRIBUTES, FIELDS
from crossfix.guard.alerts.alert import KINDS as ALERTS
from crossfix.guard.codes import CODES
from crossfix.guard.doctor import CHECKS as LOOKS
from crossfix.guard.limits import DEFAULT_PLAN
from crossfix.guard.metrics import METRICS
from crossfix.matching.phishing import REASONS
from crossfix.network.reliability import RELIABILITY
from crossfix.policy import STARTER, Effect, load_policies
from crossfix.policy.duration import written
from crossfix.policy.vocabulary import AMOUNTS, FUNCTIONS, GROUPS, TEXTS, VALUES
from crossfix.policy.vocabulary import CHECKS as FINDING_CHECKS
from crossfix.policy.vocabulary import FIELDS as CONDITION_FIELDS
from crossfix.redteam.cases import CASE_EVASIONS
from crossfix.redteam.evasion import EVASIONS, Evasion
from crossfix.scenarios.cases import CASES, Parameters
from crossfix.scenarios.cases.parameters import MEANINGS
from crossfix.scenarios.registry import SCENARIOS
from crossfix.traces import CLUSTERERS, EXTRACTORS, LATER

DOCS = Path(__file__).parent
_PART = re.compile(r"<!-- begin: (?P<name>[\w-]+) -->\n(?P<body>.*?)<!-- end: (?P=name) -->", re.S)


def commands() -> str:
    """Return each verb with its usage, what it does and its options."""
    parts = []
    for verb in sorted(VERBS):
        command = cli.get_command(click.Context(cli), verb)
        assert command is not None
        parts.append(section(command, f"crossfix {verb}", f"## {verb}"))
        if isinstance(command, click.Group):
            for name, part in sorted(command.commands.items()):
                parts.append(section(part, f"crossfix {verb} {name}", f"### {verb} {name}"))
    return "\n".join(parts)


def section(command: click.Command, name: str, heading: str) -> str:
    """Return a heading, the usage, what a command does and the table of its options."""
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    about = inspect.cleandoc(command.help or "").replace("\b\n", "")
    return f"{heading}\n\n```text\n{usage}\n```\n\n{about}\n\n{options(command, context)}"


def options(command: click.Command, context: click.Context) -> str:
    """Return the table of a command's options."""
    rows = []
    for option in command.params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        names = " ".join([", ".join(option.opts), *option.secondary_opts])
        value = "" if option.is_flag else f" {option.make_metavar(context)}"
        meaning = option.help or ""
        if option.show_default:
            meaning += f" Default: `{option.get_default(context)}`."
        rows.append((code(names + value), meaning))
    rows.append(("`--help`", "Show this and exit."))
    return table(("option", "meaning"), rows)


def settings() -> str:
    """Return the table of settings."""
    return table(
        ("setting", "environment variable", "value", "default", "meaning"),
        (
            (
                f"`{s.name}`",
                code(s.environment) if s.environment else "in the file only",
                s.type,
                code(s.default),
                s.meaning,
            )
            for s in describe_settings()
        ),
    )


def errors() -> str:
    """Return the tree of errors as a table, each below the one that it is a kind of."""
    return table(
        ("error", "is a", "exit code", "meaning"),
        (
            (f"`{e.__name__}`", f"`{e.__base__.__name__}`", str(e.exit_code), first_sentence(e))
            for e in error_tree(CrossfixError)
        ),
    )


def error_tree(error: type[CrossfixError]) -> Iterable[type[CrossfixError]]:
    """Yield an error and then all that are a kind of it, depth first."""
    yield error
    for kind in error.__subclasses__():
        if kind.__module__ == CrossfixError.__module__:
            yield from error_tree(kind)


def kinds() -> str:
    """Return the table of trace kinds."""
    rows = []
    for maker in [*EXTRACTORS.values(), *CLUSTERERS.values(), *LATER.values()]:
        weight = f"{RELIABILITY[maker.kind]:g}"
        rows.append((f"`{maker.kind}`", maker.family, maker.phrase, weight, first_sentence(maker)))
    return table(("kind", "family", "two accounts …", "weight", "the key"), rows)


def examples() -> str:
    """Return one key of each kind that is found in single events."""
    rows = []
    for kind, extractor in EXTRACTORS.items():
        for example in extractor().examples():
            if example.keys:
                shown = extractor().readable(example.event, example.keys[0])
                rows.append((f"`{kind}`", code(" ".join(shown.split())[:80])))
                break
    return table(("kind", "a key, as the report shows it"), rows)


def attributes() -> str:
    """Return the table of reserved attributes."""
    return table(("attribute", "meaning"), ((f"`{n}`", said) for n, said in RESERVED.items()))


def columns() -> str:
    """Return which column names are recognised as which field."""
    named = {**FIELDS, **{f"attributes.{n}": v for n, v in ATTRIBUTES.items()}}
    return table(
        ("field", "column names, the surest first"),
        ((f"`{field}`", ", ".join(f"`{n}`" for n in names)) for field, names in named.items()),
    )


def published_cases() -> str:
    """Return the table of worlds after published cases."""
    return table(
        ("case", "what is in it", ""),
        ((f"`{c.name}`", c.about, "operation" if c.is_operation else "honest")
         for c in CASES.values()),
    )  # fmt: skip


def case_parameters() -> str:
    """Return the table of a case's parameters."""
    plain = Parameters()
    return table(
        ("parameter", "usual value", "what it is"),
        ((f"`{name}`", code(f"{getattr(plain, name):g}"), meaning)
         for name, meaning in MEANINGS.items()),
    )  # fmt: skip


def evasions() -> str:
    """Return what an operation can do so as not to be found, and its price."""
    return _prices(EVASIONS.values())


def case_evasions() -> str:
    """Return the same for operations that use models."""
    return _prices(CASE_EVASIONS.values())


def _prices(evasions: Iterable[Evasion]) -> str:
    rows = [(code(e.name), e.about, e.price) for e in evasions]
    return table(("evasion", "at level 1", "price there"), rows)


def scenarios() -> str:
    """Return the table of scenarios."""
    return table(
        ("scenario", "what is in it"), ((f"`{s.name}`", s.about) for s in SCENARIOS.values())
    )


def reasons() -> str:
    """Return the table of reasons that the guard gives by itself."""
    return table(
        ("code", "answer", "what the person reads", "what lifts it"),
        ((f"`{name}`", c.answer, c.text, c.lifts) for name, c in CODES.items()),
    )


def limits() -> str:
    """Return the table of the default plan's limits."""
    return table(
        ("limit", "for each", "of", "at once", "whole again after"),
        (
            (f"`{x.name}`", x.scope, x.counted, f"{x.limit:,}", f"{x.period_seconds:,.0f} s")
            for x in DEFAULT_PLAN.limits
        ),
    )


def behaviours() -> str:
    """Return the table of behaviours that make risk."""
    return table(
        ("behaviour", "most risk"), ((f"`{name}`", f"{w:g}") for name, w in WEIGHTS.items())
    )


def leaks() -> str:
    """Return the table of secrets and personal data."""
    return table(
        ("check", "name", "what"),
        ((e.check, f"`{e.name}`", e.about) for e in (*SECRETS, *PERSONAL)),
    )


def disguises() -> str:
    """Return the table of disguises."""
    return table(
        ("disguise", "what", "a finding by itself"),
        [
            *((f"`{name}`", about, "no") for name, about in FOLDED.items()),
            *((f"`{d.name}`", d.about, "yes" if d.suspicion else "no") for d in DISGUISES),
        ],
    )


def lures() -> str:
    """Return the table of reasons against an address."""
    return table(
        ("reason", "weight", "what"),
        ((f"`{name}`", f"{weight:g}", about) for name, (weight, about) in REASONS.items()),
    )


def categories() -> str:
    """Return the table of what classifiers score."""
    return table(("category", "what"), ((f"`{n}`", about) for n, about in CATEGORIES.items()))


def policy_fields() -> str:
    """Return every word that stands for a value in a condition."""
    types = {"truth": "true or false", "number": "number", "text": "text", "set": "set"}
    return table(
        ("word", "type", "meaning"),
        (
            (code(name), types[word.type],
             word.meaning + (f": {', '.join(map(code, word.choices))}" if word.choices else ""))
            for name, word in CONDITION_FIELDS.items()
        ),
    )  # fmt: skip


def policy_functions() -> str:
    """Return every function of conditions, those that look at one event first."""
    rows = []
    for name, word in sorted(FUNCTIONS.items(), key=lambda f: f[1].windowed):
        names = [n if i < word.needed else f"{n}=…" for i, (n, _) in enumerate(word.parameters)]
        given = ", ".join((["phrase, …"] if word.rest else []) + names)
        rows.append((code(name), code(f"{name}({given})"), word.meaning))
    return table(("function", "called as", "gives"), rows)


def policy_names() -> str:
    """Return what features may be grouped by, asked about and added up."""
    lists = {"by": GROUPS, "field of distinct and first_seen": VALUES, "field of sum": AMOUNTS,
             "of (what is searched)": TEXTS, "check": FINDING_CHECKS}  # fmt: skip
    return table(
        ("argument", "may be"),
        ((name, ", ".join(map(code, words))) for name, words in lists.items()),
    )


def starter_pack() -> str:
    """Return the policies that hold where no others are given."""
    rows = [
        (code(p.id), p.status, p.title, ", ".join(effect_said(e) for e in p.effects),
         ", ".join(p.tags))
        for p in load_policies([STARTER])
    ]  # fmt: skip
    return table(("policy", "status", "what it is about", "effects", "frameworks"), rows)


def effect_said(effect: Effect) -> str:
    """Return an effect as a policy's file has it."""
    if effect.requests is not None:
        return f"throttle {effect.requests}/{written(effect.seconds or 0.0)}"
    said = [effect.kind, effect.tier, effect.label]
    lasts = f"for {written(effect.seconds)}" if effect.seconds else None
    return " ".join(word for word in (*said, lasts) if word)


def metrics() -> str:
    """Return the table of metrics."""
    return table(
        ("metric", "kind", "labels", "meaning"),
        (
            (f"`{n}`", m.kind, ", ".join(f"`{x}`" for x in m.labels) or "none", m.meaning)
            for n, m in METRICS.items()
        ),
    )


def alerts() -> str:
    """Return the table of alerts."""
    return table(("kind", "raised when"), ((f"`{n}`", said) for n, said in ALERTS.items()))


def doctor() -> str:
    """Return the table of what the doctor looks at."""
    return table(("check", "what it sees to"), ((f"`{n}`", c[1]) for n, c in LOOKS.items()))


PARTS: dict[str, Callable[[], str]] = {
    part.__name__.replace("_", "-"): part
    for part in (
        policy_fields, policy_functions, policy_names, starter_pack, leaks, disguises,
        lures, categories, commands, settings, errors, kinds, examples, attributes, columns,
        evasions, case_evasions, scenarios, published_cases, case_parameters, metrics,
        alerts, doctor, reasons, limits, behaviours,
    )
}  # fmt: skip
"""Name of a generated part -> what makes it."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |\n" for row in lines)


def code(text: str) -> str:
    """Return text as code, with a fence that it does not contain."""
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def first_sentence(thing: type) -> str:
    """Return the first sentence of a docstring, on one line."""
    paragraph = " ".join((thing.__doc__ or "").split("\n\n")[0].split())
    return paragraph.replace("``", "`")


def renewed(text: str) -> str:
    """Return a page with its generated parts made anew."""

    def anew(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- begin: {name} -->\n\n{PARTS[name]().strip()}\n\n<!-- end: {name} -->"

    return _PART.sub(anew, text)


def parts_of(text: str) -> list[str]:
    """Return the names of the generated parts of a page."""
    return [found["name"] for found in _PART.finditer(text)]


def pages() -> list[Path]:
    """Return every page of the documentation, the README and the other pages of the root."""
    return [*sorted(DOCS.parent.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def main() -> int:
    """Write all generated parts anew and say which pages changed."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(page.relative_to(DOCS.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
