import os
import subprocess
import sys
from pathlib import Path

import pytest

import crossfix

AUTOGROUP = Path("/proc/self/autogroup")
SCRIPT = """
import os
from crossfix.priority import stand_back
stand_back(7)
print(os.nice(0))
print(open("/proc/self/autogroup").read())
"""


def said(*, leads: bool) -> list[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(crossfix.__file__).parents[1])}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True,
        check=True, start_new_session=leads,
    )  # fmt: skip
    return ran.stdout.split()


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this system shares time among processes")
def test_who_stands_back_does_so_with_the_session_that_it_leads() -> None:
    before = os.nice(0)
    nice, _, *session = said(leads=True)
    assert int(nice) == min(before + 7, 19)
    assert session == ["nice", "7"]


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this system shares time among processes")
def test_a_session_that_it_does_not_lead_stays_as_it_is() -> None:
    _, group, *session = said(leads=False)
    own, *mine = AUTOGROUP.read_text().split()
    assert (group, session) == (own, mine)
