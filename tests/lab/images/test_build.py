"""The script that makes the images, run for one of each kind."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from lab.images import build, image, open_image
from lab.images.partitions import ENVIRONMENT


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the script writes to, in place of the committed images."""
    missing = [tool for tool in build.TOOLS if not shutil.which(tool, path=ENVIRONMENT["PATH"])]
    if missing or os.geteuid() != 0 or not Path("/dev/fuse").exists():
        pytest.skip(f"making images needs root, /dev/fuse and Debian's tools (missing: {', '.join(missing) or 'none'})")
    for module in (build, image):
        monkeypatch.setattr(module, "HERE", tmp_path)
        monkeypatch.setattr(module, "MANIFEST", tmp_path / "manifest.json")
    return tmp_path


def test_the_images_can_be_made_again(elsewhere: Path) -> None:
    committed = {name: open_image_of_repository(name) for name in ("linux-sealed", "windows-sealed")}
    assert build.main(list(committed)) == 0
    assert sorted(json.loads((elsewhere / "manifest.json").read_text())["images"]) == sorted(committed)
    for name, original in committed.items():
        again = open_image(name)
        assert again.size == original.size
        assert again.why == original.why
        assert len(again.success_tag_times) == len(original.success_tag_times)


def open_image_of_repository(name: str) -> image.DiskImage:
    with pytest.MonkeyPatch.context() as patch:
        here = Path(image.__file__).parent
        patch.setattr(image, "HERE", here)
        patch.setattr(image, "MANIFEST", here / "manifest.json")
        return open_image(name)


def test_without_the_tools_the_script_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "TOOLS", ("no-such-tool",))
    assert build.main([]) == 1
    assert "apt-get install" in capsys.readouterr().out


def test_an_unknown_name_makes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["linux-sealled"]) == 1
    assert "linux-sealed" in capsys.readouterr().out
