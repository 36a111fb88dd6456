"""What every test may ask for: the real data, when it lies beside the project."""

import os
from pathlib import Path

import pytest

BESIDE_THE_PROJECT = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real courses, videos and quizzes that no one here wrote; skipped only where the folder is absent."""
    folder = Path(os.environ.get("TIFFIN_TEST_DATA", BESIDE_THE_PROJECT))
    if not folder.is_dir():
        pytest.skip(f"the real test data is not at {folder}")
    return folder
