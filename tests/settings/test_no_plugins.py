"""What other packages bring to pydantic has no part in the settings."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("imported", "loaded"),
    [("import tui_chat.settings.config", False), ("import pydantic; pydantic.create_model('Model')", True)],
    ids=["ours", "without us"],
)
def test_a_plugin_in_the_environment_is_not_loaded_with_the_settings(
    tmp_path: Path, imported: str, loaded: bool
) -> None:
    (tmp_path / "listening.py").write_text("print('loaded')\nplugin = None\n")
    metadata = tmp_path / "listening-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: listening\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[pydantic]\nlistening = listening\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {imported}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ("loaded" in ended.stdout) is loaded


def test_another_name_of_pydantics_module_comes_from_the_module_itself() -> None:
    program = (
        "import tui_chat.settings.no_plugins; from pydantic.plugin._loader import PYDANTIC_ENTRY_POINT_GROUP as name;"
        "print(name)"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "pydantic\n"
