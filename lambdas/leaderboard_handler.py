"""Lambda: the results of all candidates -> `leaderboard.json` and the finalists."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.results import Results
from evaluation.leaderboard import LeaderboardRequest, rank


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    results_bucket: str


environment = read_environment(Environment)
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Rank, write the leaderboard, return the finalists, of whom there may be none."""
    request = LeaderboardRequest.parse(event)
    evaluations = [
        None if result.evaluation is None else results.read(result.evaluation)
        for result in request.results
    ]
    leaderboard = rank(request, evaluations)
    return {
        "leaderboard": results.write(request.key, leaderboard.document),
        "finalists": leaderboard.finalists,
        "failed": leaderboard.failed,
    }
