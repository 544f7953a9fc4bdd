"""Events in the forms that other tools take: OpenTelemetry, OCSF, one's own JSON."""

from crossfix.events.writers.calls import Call, Calls
from crossfix.events.writers.json_lines import json_of
from crossfix.events.writers.ocsf import ocsf_of
from crossfix.events.writers.otlp import request_of, span_of

FORMATS = ("jsonl", "ocsf", "otlp")
"""What ``crossfix export --format`` takes."""

__all__ = ["FORMATS", "Call", "Calls", "json_of", "ocsf_of", "request_of", "span_of"]
