import subprocess
import sys

_SMALL_INPUT = """
import sys
from crossfix.events import to_batch
from crossfix.traces import TraceCollector
from crossfix.traces.sample import sample
collector = TraceCollector()
said = "The {} people of this country deserve {} a leader who tells them the truth"
collector.add(to_batch(sample(id=str(i), text=said.format(i, i % 7)) for i in range(2_000)))
assert collector.finish().counts()["near_text"] > 1_000
print(sorted({"numba", "tldextract", "duckdb"} & set(sys.modules)))
"""


def test_a_small_input_loads_no_compiler() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SMALL_INPUT], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
