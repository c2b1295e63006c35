"""Streams under a passphrase: every change, cut, swap and every other passphrase is refused."""

import io
from pathlib import Path

import pytest
from certwright.adapters.archives.passphrase_stream import EncryptedFile, EncryptingWriter
from certwright.errors import IntegrityError, KeyUnavailable, Refused
from certwright.model.secret import SecretBytes

PASSPHRASE = SecretBytes("correct horse bättery".encode())
CHUNK = 64 * 1024
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17]


def encrypted(content: bytes, pieces: int = 1) -> bytes:
    """Encrypt content that is written in pieces of about the same size."""
    out = io.BytesIO()
    writer = EncryptingWriter(out.write, PASSPHRASE)
    step = max(1, -(-len(content) // pieces))
    for start in range(0, len(content), step):
        writer.write(content[start : start + step])
    writer.end()
    return out.getvalue()


def decrypt(path: Path, content: bytes, passphrase: SecretBytes = PASSPHRASE) -> bytes:
    path.write_bytes(content)
    with EncryptedFile(path, passphrase).open() as file:
        return file.read()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pieces", [1, 7])
def test_what_is_written_is_read_back(path: Path, size: int, pieces: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    assert decrypt(path, encrypted(content, pieces)) == content


def test_a_file_can_be_read_twice(path: Path) -> None:
    path.write_bytes(encrypted(b"content"))
    file = EncryptedFile(path, PASSPHRASE)
    for _ in range(2):
        with file.open() as content:
            assert content.read() == b"content"


def test_another_passphrase_opens_nothing(path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="The passphrase does not open"):
        decrypt(path, encrypted(b"content"), SecretBytes(b"correct horse battery"))


@pytest.mark.parametrize("where", ["first chunk", "second chunk", "last chunk", "length"])
def test_a_flipped_bit_is_refused(path: Path, where: str) -> None:
    content = encrypted(bytes(2 * CHUNK + 5))
    head = content.index(b"\n") + 1
    index = {
        "first chunk": head + 10,
        "second chunk": head + CHUNK + 100,
        "last chunk": len(content) - 1,
        "length": head + CHUNK + 16 + 4 + 3,
    }[where]
    with pytest.raises((IntegrityError, KeyUnavailable)):
        decrypt(path, content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :])


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_file_cut_between_chunks_is_refused(path: Path, chunks: int) -> None:
    content = encrypted(bytes(2 * CHUNK + 5))
    head = content.index(b"\n") + 1
    with pytest.raises((IntegrityError, KeyUnavailable)):
        decrypt(path, content[: head + chunks * (4 + CHUNK + 16)])


def test_swapped_doubled_and_added_chunks_are_refused(path: Path) -> None:
    content = encrypted(bytes(2 * CHUNK + 5))
    head, size = content.index(b"\n") + 1, 4 + CHUNK + 16
    start, first, second, last = (
        content[:head],
        content[head : head + size],
        content[head + size : head + 2 * size],
        content[head + 2 * size :],
    )
    for parts in ((second, first, last), (first, first, second, last), (first, second, last, last), (first, last)):
        with pytest.raises((IntegrityError, KeyUnavailable)):
            decrypt(path, start + b"".join(parts))


def test_the_header_is_authentic(path: Path) -> None:
    content = encrypted(b"content")
    for old, new in ((b'"salt": "', b'"salt":  "'), (b'"certwrightHome"', b'"x": 1, "certwrightHome"')):
        with pytest.raises(KeyUnavailable):
            decrypt(path, content.replace(old, new, 1))


@pytest.mark.parametrize("cost", [0, 1, 3, -2, 2**21, 2**40])
def test_costs_that_would_exhaust_the_machine_or_protect_nothing_are_refused(path: Path, cost: int) -> None:
    with pytest.raises(Refused, match="does not know its format"):
        decrypt(path, encrypted(b"content").replace(b'"n": 131072', f'"n": {cost}'.encode(), 1))


@pytest.mark.parametrize("content", [b"", b"text\n", b"{}\n", b"[]\n", bytes(100)], ids=repr)
def test_what_is_no_home_is_refused(path: Path, content: bytes) -> None:
    with pytest.raises(Refused, match="is no exported home of certwright"):
        decrypt(path, content)


def test_a_home_of_a_newer_format_is_refused(path: Path) -> None:
    with pytest.raises(Refused, match="does not know its format"):
        decrypt(path, encrypted(b"content").replace(b'"certwrightHome": 1', b'"certwrightHome": 2', 1))


def test_two_files_of_the_same_content_share_no_bytes_of_cipher(path: Path) -> None:
    first, second = (encrypted(bytes(1000)).partition(b"\n")[2] for _ in range(2))
    assert first[4:] != second[4:]
    del path
