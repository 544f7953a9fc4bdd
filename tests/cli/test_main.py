"""How the command line starts, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import crossfix
from crossfix.cli import VERBS, main
from crossfix.cli.ending import ended

HEAVY = ("duckdb", "jinja2", "lxml", "numba", "numpy", "pyarrow", "rich", "scipy", "sqlalchemy")

HELP = f"""
import sys
from crossfix.cli import main
for arguments in [["--help"], *([verb, "--help"] for verb in sys.argv[1:])]:
    try:
        main(arguments)
    except SystemExit as e:
        assert e.code == 0, arguments
loaded = sorted(set({HEAVY!r}) & set(sys.modules))
assert not loaded, loaded
"""


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code, *capsys.readouterr()


def test_every_verb_explains_itself_without_loading_what_is_heavy() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", HELP, *VERBS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    for verb, about in VERBS.items():
        assert verb in ran.stdout
        assert about in ran.stdout


def test_help_costs_little() -> None:
    before = os.times()
    subprocess.run([sys.executable, "-m", "crossfix", "--help"], check=True, capture_output=True)
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    assert used < 0.3


def test_a_misspelt_verb_is_answered_with_the_right_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = said(capsys, "hnut")
    assert (code, out) == (2, "")
    assert "Did you mean 'hunt'?" in err
    code, _, err = said(capsys, "zzzzzz")
    assert code == 2
    assert "Did you mean" not in err


def test_no_verb_shows_the_help_and_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys)
    assert (code, out) == (2, "")
    assert "Commands:" in err


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "--version")
    assert code == 0
    assert out.split()[-1] == crossfix.__version__


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "Interrupted."),
        (OSError(28, "No space left on device", "out/links.parquet"), 3,
         "Error: out/links.parquet: No space left on device"),
        (MemoryError(), 3, "Error: there is not enough memory for this input"),
        (ZeroDivisionError("\x1b[2Jgone"), 1, "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_sentence_and_an_exit_code(
    error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(error) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert "\x1b" not in err
    assert "Traceback" not in err


BROKEN_OFF = """
import ctypes, sys
from crossfix.cli.ending import ended

run = ctypes.pythonapi.PyRun_String
run.restype = ctypes.py_object
run.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object]
try:
    run(b"raise KeyboardInterrupt", 257, {}, {})
except KeyboardInterrupt as e:
    sys.exit(ended(e))
"""


def test_an_interrupt_inside_of_a_library_s_own_code_ends_with_130_too(tmp_path: Path) -> None:
    (tmp_path / "broken_off.py").write_text(BROKEN_OFF, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "broken_off"], cwd=tmp_path, timeout=60,
                          capture_output=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert (done.returncode, done.stderr) == (130, b"Interrupted.\n")


def test_a_defect_is_said_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError) as defect:
        {}["missing"]
    assert ended(defect.value) == 1
    assert "KeyError at test_main.py:" in capsys.readouterr().err


def test_a_reader_of_the_output_may_leave_early(tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    rows = (f"o{n % 50},u{n // 50},p{n},{1709287200 + n % 7}" for n in range(2_500))
    path.write_text("object_id,account_id,content_id,timestamp_share\n" + "\n".join(rows))
    command = [sys.executable, "-m", "crossfix", "pairs", str(path), "--window", "60"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("object_id")
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait() == 1
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    assert "Exception ignored" not in err
