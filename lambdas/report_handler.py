"""Lambda: all that a run left behind -> `report.html`, `report.json` and `report/*.parquet`."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.report_sources import ReportSources
from adapters.results import Results
from report.document import assemble
from report.request import ReportRequest


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    data_bucket: str
    results_bucket: str


environment = read_environment(Environment)
sources = ReportSources(environment.data_bucket, environment.results_bucket)
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Write the report, and return where its page is."""
    # Matplotlib takes a second to import, which a wrong event need not wait for.
    request = ReportRequest.parse(event)
    from report.page import render
    from report.tables import parquet, tidy

    document = assemble(sources.read(request))
    results.write(f"{request.folder}report.json", document)
    for name, rows in tidy(document).items():
        key = f"{request.folder}report/{name}.parquet"
        results.write_bytes(key, parquet(rows, name), "application/vnd.apache.parquet")
    page = f"{request.folder}report.html"
    return {
        "report": results.write_bytes(page, render(document).encode(), "text/html; charset=utf-8")
    }
