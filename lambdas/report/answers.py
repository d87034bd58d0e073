"""The first lines: which model, how sure, and what does it get wrong?"""

from report import facts
from report.confusions import wrong
from report.parts import Card, Document
from report.wording import direction, interval, joined, level, number, plural, probability


def title(document: Document) -> str:
    """The headline."""
    champion = facts.winner(document)
    if champion:
        return f"{champion['candidate']} won"
    return "No finalist passed its gates" if document["holdout"] else "No candidate was judged"


def answers(document: Document) -> list[tuple[str, str]]:
    """Questions and answers, each in a few sentences."""
    found = facts.best(document)
    if found is None:
        return [("Which model?", "None: no candidate came as far as the holdout.")]
    return [
        ("Which model?", _which(document, found)),
        ("How sure?", _sure(document, found)),
        ("What does it get wrong?", " ".join(wrong(document, found))),
    ]


def cards(document: Document) -> list[Card]:
    """The numbers of the headline."""
    found, metric = facts.best(document), document["rank_by"]
    if found is None:
        return []
    leader = facts.candidate(document, found["candidate"])
    gates = found["gates"]
    passed = sum(1 for gate in gates if gate["passed"])
    ends = interval(found["intervals"].get(metric))
    rows = f"on {plural(found['rows'], 'row')} that no fold holds"
    return [
        Card(
            f"Holdout `{metric}`",
            number(found["metrics"].get(metric)),
            f"{level(_level(found))} interval {ends}, {rows}" if ends else rows,
        ),
        Card(
            f"Cross-validated `{metric}`",
            number(leader["mean"].get(metric)),
            f"± {number(leader['std'].get(metric))} (std) over "
            f"{plural(len(leader['folds']), 'fold')}",
        ),
        Card(
            "Gates",
            f"{passed} of {len(gates)} passed" if gates else "none",
            ", ".join(f"`{gate['gate']}`" for gate in gates),
        ),
    ]


def _level(found: Document) -> float:
    levels = [each["level"] for each in found["intervals"].values() if each]
    return levels[0] if levels else 0.95


def _which(document: Document, found: Document) -> str:
    name, metric = found["candidate"], document["rank_by"]
    rank = facts.candidate(document, name)["rank"]
    tried = plural(len(document["candidates"]), "candidate")
    finalists = plural(len(document["holdout"]), "finalist")
    place = "" if rank == 1 else f", though number {rank} in cross-validation"
    said = [f"Of {tried}, {finalists} went to the holdout; {name} did best there{place}."]
    failed = [each["candidate"] for each in document["holdout"] if not each["passed"]]
    if failed and not facts.winner(document):
        said = [
            f"None of the {finalists} may be registered: {joined(failed)} failed a gate. "
            f"The best of them by `{metric}` is {name}."
        ]
    elif failed:
        said.append(f"{joined(failed)} failed a gate, and cannot be the champion.")
    lost = [each["name"] for each in document["candidates"] if each["status"] != "Completed"]
    if lost:
        said.append(f"{joined(lost)} failed before any evaluation; the reasons are below.")
    return " ".join(said)


def _sure(document: Document, found: Document) -> str:
    metric = document["rank_by"]
    value, ends = found["metrics"].get(metric), found["intervals"].get(metric)
    if value is None:
        return f"`{metric}` is undefined on the holdout: {found['undefined'].get(metric, '')}."
    said = [f"On the holdout, `{metric}` is {number(value)} ({direction(metric)})."]
    if ends:
        said.append(
            f"The {level(ends['level'])} interval is {interval(ends)} ({ends['method']}): of "
            f"intervals that are found so, {level(ends['level'])} hold the true value."
        )
    else:
        reason = found["undefined_intervals"].get(metric, "none was computed")
        said.append(f"It has no interval: {reason}.")
    second = facts.runner_up(document)
    return " ".join([*said, _runner_up(document, second) if second else _alone(document)])


def _alone(document: Document) -> str:
    return "There is no runner-up on the holdout to tell it from."


def _runner_up(document: Document, second: Document) -> str:
    name, metric = second["candidate"], document["rank_by"]
    pair = facts.against_best(document, name)
    if pair is None or pair["p_adjusted"] is None:
        reason = f": {pair['reason']}" if pair and pair["reason"] else ""
        return (
            f"Whether the runner-up {name} ({number(second['metrics'].get(metric))}) can be told "
            f"from it was not tested{reason}."
        )
    difference = number(abs(pair["difference"]))
    test = f"{pair['test']}, p = {probability(pair['p_adjusted'])} after correction"
    if pair["distinguishable"]:
        return f"The runner-up {name} is apart from it by {difference}, beyond chance ({test})."
    return (
        f"**The runner-up {name} is not distinguishable from it:** the difference of {difference} "
        f"may be chance ({test})."
    )
