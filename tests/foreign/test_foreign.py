from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.foreign.doctor_cases import CASES
from tests.foreign.servers import why_missing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.foreign.cases import Case


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.server}: {case.tried}") for case in CASES])
def test_a_server_that_others_wrote_is_understood(case: Case, tmp_path: Path) -> None:
    if why := why_missing(case.server):
        pytest.skip(why)
    case.run(tmp_path)
