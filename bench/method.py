"""How everything was measured, as the last section of the page."""

from sluicegate.bench.results import Results

__all__ = ["method"]


def method(results: Results) -> str:
    """Write the section."""
    plan = results.plan
    quick = " --quick" if plan.quick else ""
    return f"""\
## How it is measured

* `make bench ARGS="--seed {plan.seed}{quick}"` runs it again; `--help` lists what can be chosen. Kafka needs Java and
  Maven; the peers' packages (`requirements-bench.lock`) are installed in an environment of their own. All results are
  kept as JSON under `.cache/bench/`, from which `--results FILE` writes this page again.
* {plan.repeats} rounds; in each every contestant runs once in each workload, in an order shuffled with the seed. A
  ratio is taken of two runs of the same round; the tables show medians, and the least and the most. Batches have
  {plan.batch_max} events at the most.
* The events are the demo's, made with the seed, without unreadable ones, in {plan.partitions} partitions, there
  before a contestant starts. A backlog has as many as keep the contestant busy for about {plan.seconds:g} s,
  {plan.events:,} at the most. Each run has topics and a group of its own, deleted after it.
* The rate of a stream is that of its decisions at the broker, from a tenth of the events on, so that starts do not
  count.
* **Equality**: a contestant must decide every event of its backlog once, with scores that are those of the others to
  1e-6 (they are written with six decimals), or the whole run fails. Outcomes are not compared: the peers have a
  threshold of 0.5 where Sluicegate has its policy, writes review tasks, and watches drift and languages.
* **At least once**: nothing is committed that the broker has not acknowledged. Offsets are committed once a second,
  by Sluicegate's worker too, except where the peer does it otherwise (FastStream after each batch, quix-streams at
  checkpoints of four batches or 50 ms, bytewax in its recovery store).
* All peers decode with msgspec, score with `predict_proba` of the bundle's own scikit-learn pipeline over the batch,
  and write the event's id and source, content, actor, the scores of all harms and an outcome as JSON, with the
  event's key, to its partition. Stock Faust acknowledges an event in the callback of its decision's delivery, so that
  nothing waits. The plain loops flush and commit once a second; one that does so after each batch stands beside them
  where no model is asked.
* "Words only" is the shipped bundle without its block of characters. Without a model all scores are constant;
  Sluicegate then runs its worker with a scorer that does nothing. The bare scorer is the public
  `load_bundle(...).scorer().score(texts)`.
* Under a steady load a process of its own sends events each 5 ms (as long as clients of Kafka let records gather by
  default), whether or not anyone keeps up. The latency of a decision is the broker's timestamp of it less the moment
  its event was due, so the 5 ms are part of it; the first 5 seconds do not count.
* Costs are measured in one thread, without Kafka, each the median of five repetitions after one that is not counted.
"""
