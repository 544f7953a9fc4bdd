import gzip
import io
import random
import resource
import zipfile

import pytest
import zstandard

from crossfix.errors import FormatError, InputError
from crossfix.events.readers.source import HEAD_BYTES, Source
from crossfix.events.readers.tally import Tally


def zst(data):
    return zstandard.ZstdCompressor().compress(data)


def lines(source, **limits):
    tally = Tally(source.path)
    return [line.decode() for _, line in source.lines(tally, **limits)], tally


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zst])
def test_content_is_decompressed_by_what_it_is_not_by_its_name(pack):
    source = Source.of_bytes("posts.csv", pack(b"a\nb\n"))
    assert lines(source)[0] == ["a", "b"]


@pytest.mark.parametrize("pack", [gzip.compress, zst])
def test_compressed_parts_one_after_another_are_one_file(pack):
    assert lines(Source.of_bytes("x", pack(b"a\n") + pack(b"b\n")))[0] == ["a", "b"]


@pytest.mark.parametrize("pack", [gzip.compress, zst])
def test_a_truncated_file_gives_what_came_before_and_says_so(pack):
    noise = random.Random(1)
    whole = b"".join(b"%030d\n" % noise.getrandbits(90) for _ in range(20_000))
    packed = pack(whole)
    read, tally = lines(Source.of_bytes("x", packed[: len(packed) // 2]))
    assert 1_000 < len(read) < 20_000
    assert "\n".join(read).encode() == whole[: len("\n".join(read))]
    assert any("truncated" in note for note in tally.notes)


@pytest.mark.parametrize("pack", [gzip.compress, zst])
def test_a_whole_file_is_not_called_truncated(pack):
    assert lines(Source.of_bytes("x", pack(b"a\n")))[1].notes == []


def test_a_damaged_file_gives_what_came_before_and_says_so():
    packed = bytearray(gzip.compress(random.Random(1).randbytes(500_000)))
    packed[300_000:300_100] = bytes(100)
    tally = Tally("x")
    read = b"".join(Source.of_bytes("x", bytes(packed)).chunks(tally))
    assert read
    assert tally.notes


def test_the_head_of_standard_input_is_not_lost():
    source = Source.of_stream("-", io.BytesIO(b"a\n" * 100_000))
    assert len(source.head) == HEAD_BYTES
    assert len(lines(source)[0]) == 100_000


def test_standard_input_is_read_only_once():
    source = Source.of_stream("-", io.BytesIO(b"a\n"))
    lines(source)
    with pytest.raises(InputError):
        list(source.chunks())


def test_a_file_can_be_read_again():
    source = Source.of_bytes("x", b"a\nb")
    assert lines(source)[0] == lines(source)[0] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_the_encoding(encoding):
    assert lines(Source.of_bytes("x", "añ\nü漢\n".encode(encoding)))[0] == ["añ", "ü漢"]


def test_windows_1252_is_noted_where_a_line_is_not_utf8():
    read, tally = lines(Source.of_bytes("x", "ü\n".encode() + "“é”\n".encode("cp1252")))
    assert read == ["ü", "“é”"]
    assert "Windows-1252" in tally.notes[0]
    assert "line 2" in tally.notes[0]


def test_nuls_are_dropped_and_noted():
    read, tally = lines(Source.of_bytes("x", b"a\0b\nc\n"))
    assert read == ["ab", "c"]
    assert tally.notes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_windows_unix_and_old_macs_end_them(end):
    assert lines(Source.of_bytes("x", end.join(["a", "b", ""]).encode()))[0] == ["a", "b"]


class Endless(io.RawIOBase):
    """A file of one good line, one line of 100 MB and one good line, made as it is read."""

    def __init__(self):
        self.left = [b"first\n", *[b"x" * 1_000_000] * 100, b"\nlast\n"]

    def read(self, most=-1):
        return self.left.pop(0) if self.left else b""


def test_a_line_of_100_mb_is_refused_and_never_held():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read, tally = lines(Source.of_stream("-", Endless()))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert read == ["first", "last"]
    assert dict(tally.skipped) == {"line is longer than 8,192 KiB": 1}
    assert grown < 60_000  # KiB


def test_line_numbers_count_refused_lines():
    source = Source.of_bytes("x", b"a\n" + b"x" * 5000 + b"\nb\n")
    assert [n for n, _ in source.lines(Tally("x"), max_bytes=1000)] == [1, 3]


def test_a_decompression_bomb_is_streamed():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = zst(bytes(256 * 1024 * 1024))
    made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    total = sum(len(chunk) for chunk in Source.of_bytes("x", bomb).chunks())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, made)
    assert total == 256 * 1024 * 1024
    assert grown < 120_000  # KiB


def test_a_zip_gives_its_files_in_order_of_their_names():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data/tweets.js", "b")
        archive.writestr("data/account.js", "a")
    members = list(Source.of_bytes("twitter.zip", packed.getvalue()).members())
    assert [m.path for m in members] == [
        "twitter.zip/data/account.js",
        "twitter.zip/data/tweets.js",
    ]
    assert [m.head for m in members] == [b"a", b"b"]


def test_a_damaged_zip_is_a_format_error():
    with pytest.raises(FormatError):
        list(Source.of_bytes("x.zip", b"PK\x03\x04garbage").members())


def test_a_folder_gives_its_files(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tweets.js").write_bytes(b"x")
    source = Source.of(tmp_path)
    assert source.directory
    assert source.head == b""
    assert [m.name for m in source.members()] == ["tweets.js"]


def test_a_missing_file_is_said_in_one_sentence():
    with pytest.raises(InputError, match="no such file"):
        Source.of("/no/such/file.csv")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_random_access_is_given_to_plain_and_compressed_files(pack):
    source = Source.of_bytes("x", pack(b"abc" * 1000))
    with source.seekable() as file:
        file.seek(-3, io.SEEK_END)
        assert file.read() == b"abc"
    source.close()


def test_the_name_is_without_the_suffix_of_its_compression():
    source = Source.of_bytes("/a/Posts.CSV.gz", b"")
    assert (source.name, source.stem) == ("posts.csv", "posts")
