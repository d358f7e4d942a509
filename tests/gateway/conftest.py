"""Everything the gateway keeps goes to a folder of the test."""

import pytest


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.GATEWAY_FOLDER = tmp_path / "gateway"
