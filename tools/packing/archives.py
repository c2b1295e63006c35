"""Archives whose bytes depend on their content alone: sorted, owned by root, of one time, with two file modes."""

import gzip
import shutil
import tarfile
import tempfile
from pathlib import Path

_EXECUTABLE = 0o111


def write_tar(target: Path, folder: Path, epoch: int, prefix: str = "") -> None:
    """Write every file below `folder` to a .tar.gz, its names below `prefix`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in files:
            with path.open("rb") as content:
                tar.addfile(_member(path, prefix + path.relative_to(folder).as_posix(), epoch), content)


def unpack_tar(archive: Path, folder: Path) -> None:
    """Unpack a .tar or .tar.gz into a folder."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def rewrite_tar(archive: Path, epoch: int) -> None:
    """Write an archive of somebody else's again as `write_tar` would have done."""
    with tempfile.TemporaryDirectory() as folder:
        unpack_tar(archive, Path(folder))
        archive.unlink()
        write_tar(archive, Path(folder), epoch)


def copy_into(source: Path, folder: Path) -> None:
    """Copy a file into a folder, readable for everybody."""
    shutil.copyfile(source, folder / source.name)
    (folder / source.name).chmod(0o644)


def _member(path: Path, name: str, epoch: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = path.stat().st_size
    member.mtime = epoch
    member.mode = 0o755 if path.stat().st_mode & _EXECUTABLE else 0o644
    member.uname = member.gname = "root"
    return member
