"""Some thousand real texts go through publish, worker and out, and come out scored as their labels say."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.integration.streams import Stream

DATA = Path(os.environ.get("SLUICEGATE_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETS = ("sms_spam", "youtube_spam", "threatgram", "germeval2018", "cold_zh", "ous19_fr")
OF_EACH = 600


@pytest.fixture(scope="module")
def labelled() -> list[dict[str, Any]]:
    if not DATA.is_dir():
        pytest.skip(f"the labelled texts are not at {DATA}; set SLUICEGATE_SHARED_DATA to where they are")
    rows: list[dict[str, Any]] = []
    for name in SETS:
        with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows += [json.loads(line) for _, line in zip(range(OF_EACH), lines, strict=False)]
    return rows


@pytest.mark.data
def test_real_texts_are_published_decided_and_put_on_review_queues(
    stream: Stream, labelled: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "texts.jsonl"
    lines = (
        {"text": row["text"], "id": str(number), "actor_id": f"a-{number % 101}", "language": row["lang"]}
        for number, row in enumerate(labelled)
    )
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    worker = stream.start_worker()
    published = stream.command("publish", str(file))
    assert published.returncode == 0, published.stderr
    raw = stream.wait_for_decisions(len(labelled), seconds=120)
    decisions = {message.json()["data"]["event"]["id"]: message.json() for message in raw}
    assert len(raw) == len(decisions) == len(labelled)
    stream.wait_until_committed(len(labelled))

    reviewed = {decision["id"] for decision in decisions.values() if decision["data"]["outcome"] == "review"}
    tasks = [message.json() for message in stream.read(*stream.review_topics())]
    assert sorted(task["id"] for task in tasks) == sorted(reviewed)
    texts = {decisions[str(number)]["id"]: row["text"] for number, row in enumerate(labelled)}
    assert all(task["data"]["text"] == texts[task["id"]] for task in tasks)
    assert worker.metric("sluicegate_review_tasks_total") == len(tasks)
    assert worker.metric("sluicegate_events_dead_lettered_total") == 0

    for harm in ("spam", "violence"):
        scores: dict[int, list[float]] = {0: [], 1: []}
        for number, row in enumerate(labelled):
            if harm in row["labels"]:
                scores[row["labels"][harm]].append(decisions[str(number)]["data"]["scores"][harm])
        mean = {value: sum(found) / len(found) for value, found in scores.items()}
        assert mean[1] > 5 * mean[0]
