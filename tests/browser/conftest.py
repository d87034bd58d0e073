from collections.abc import Iterator
from pathlib import Path

import pytest

from report.page import render
from tests.browser.chromium import EXECUTABLE, Tab, browser
from tests.unit import reports


@pytest.fixture(scope="session")
def tab() -> Iterator[Tab]:
    if EXECUTABLE is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with browser() as found:
        yield found


@pytest.fixture(scope="session", params=["binary", "multiclass", "regression"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / f"{request.param}.html"
    path.write_text(render(getattr(reports, request.param)()))
    return path
