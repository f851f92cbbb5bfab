"""Every metric in one place: what it is, in which unit, what it means, and what an operator does about it.

The registry is built from this catalogue, and so is ``docs/metrics.md``.
"""

from typing import Final

from sluicegate.agents.metrics.metric import Metric

__all__ = ["CATALOGUE", "Metric"]


_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FRESHNESS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)
_RECORDS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_BYTES: Final = (1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6, 16e6)
_DIFFERENCE: Final = (-0.5, -0.2, -0.1, -0.05, -0.02, -0.01, -0.001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_PROBABILITY: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


def _catalogue() -> tuple[Metric, ...]:
    return (
        Metric(
            "sluicegate_events_consumed_total", "counter", "records", (),
            "Records of the events topic that the worker began to work on.",
            "Compare its rate with that of the publishers; it stands still only when they do.",
        ),
        Metric(
            "sluicegate_events_decided_total", "counter", "events", ("outcome",),
            "Events whose decision, and the task that follows from it, the broker has acknowledged.",
            "A sudden change of the shares of outcomes points to a change of model, policy or content.",
        ),
        Metric(
            "sluicegate_events_dead_lettered_total", "counter", "records", ("reason",),
            "Records that could not be decided and that the dead-letter topic has acknowledged.",
            "Look the reason up in the reason codes and tell the publisher; the runbook is dead-letters.",
        ),
        Metric(
            "sluicegate_events_in_flight", "gauge", "records", (),
            "Records taken up and not yet decided or dead-lettered; consumed = decided + dead-lettered + in flight.",
            "At rest it is 0; if it stays above, a batch is stuck: see worker health.",
        ),
        Metric(
            "sluicegate_stage_duration_seconds", "histogram", "seconds", ("stage",),
            "Time that a batch spent in a stage: decode, language (unless that is off), score, opinion and shadow "
            "(if one is set), decide, encode, publish.",
            "Tells which stage to look at when freshness is lost; publish is the broker's part.",
            _SECONDS,
        ),
        Metric(
            "sluicegate_freshness_seconds", "histogram", "seconds", (),
            "From the broker's timestamp of an event to the acknowledgement of its decision, where it is usable.",
            "When it grows with the lag, add workers; when it grows alone, look at the publish stage.",
            _FRESHNESS,
        ),
        Metric(
            "sluicegate_lag_records", "gauge", "records", ("partition",),
            "Records of an assigned partition that are not yet committed.",
            "Growing on all partitions: add workers. Growing on one: a hot key, or a partition standing still.",
        ),
        Metric(
            "sluicegate_lag_seconds", "gauge", "seconds", ("partition",),
            "Age of the oldest record of an assigned partition that is not yet committed; 0 without lag. Where its "
            "timestamp is not known or not usable: since when the partition has had lag and not moved.",
            "This is how late decisions are; above the service goals of the queues, add workers.",
        ),
        Metric(
            "sluicegate_committed_offset", "gauge", "offset", ("partition",),
            "Offset of an assigned partition up to which everything is decided or dead-lettered, and committed.",
            "It must move while there is lag; if it does not, see the runbook partition-standing-still.",
        ),
        Metric(
            "sluicegate_batch_records", "histogram", "records", (),
            "Records of a batch.",
            "Small while the stream is quiet; at the cap the worker is at its limit.",
            _RECORDS,
        ),
        Metric(
            "sluicegate_batch_bytes", "histogram", "bytes", (),
            "Bytes of keys and values of a batch.",
            "At the cap in bytes long texts dominate the stream.",
            _BYTES,
        ),
        Metric(
            "sluicegate_score", "histogram", "probability", ("harm",),
            "Calibrated probability of each harm, of every event that was scored.",
            "A shift without a new model is drift, or an attack; look at samples before touching thresholds.",
            _PROBABILITY,
        ),
        Metric(
            "sluicegate_drift_psi", "gauge", "population stability index", ("digest", "feature"),
            "How far the texts of the last day (SLUICEGATE_DRIFT_WINDOW) are from the reference of the bundle, in the "
            "score of a harm, the length, the language or the share of unknown words; not there while too few came.",
            "Under 0.1, or under sluicegate_drift_psi_noise, nothing; else see docs/drift.md.",
        ),
        Metric(
            "sluicegate_drift_psi_noise", "gauge", "population stability index", ("digest", "feature"),
            "What the index stays under 999 times in a thousand where nothing has drifted. That texts come in bursts "
            "of like ones is allowed for.",
            "Above 0.25 nothing can be said yet: wait for more texts, or look for floods of like ones.",
        ),
        Metric(
            "sluicegate_drift_level", "gauge", "0, 1 or 2", ("digest", "feature"),
            "1 where the index is above its noise and 0.1, 2 where it is above its noise and 0.25.",
            "2 for long: the runbook is drift.",
        ),
        Metric(
            "sluicegate_drift_rank", "gauge", "probability", ("digest", "feature"),
            "How likely a live text lies above one of the reference: 0.5 without drift. Languages are ordered from the "
            "most frequent to the rarest.",
            "Tells the direction of a drift: scores above 0.5 have risen.",
        ),
        Metric(
            "sluicegate_drift_independent_texts", "gauge", "texts", ("digest", "feature"),
            "As many independent texts would tell as much as those of the window do.",
            "Far below sluicegate_drift_texts_total: like texts come in bursts, or the stream swings within a day.",
        ),
        Metric(
            "sluicegate_drift_changes_total", "counter", "changes", ("digest", "feature", "direction"),
            "Changes of the stream against its own past, up or down by 1/20 of the rank at the least (ADWIN).",
            "Once or twice a day may be the day itself; a surge beside a release or an event says what moved.",
        ),
        Metric(
            "sluicegate_drift_change_timestamp_seconds", "gauge", "seconds since the epoch", ("digest", "feature"),
            "When the last such change began.",
            "Look for what was released, and what happened, at that time.",
        ),
        Metric(
            "sluicegate_drift_texts_total", "counter", "texts", ("digest",),
            "Texts of created contents that were counted for drift.",
            "Standing still: the stream holds no content.created, or the bundle scores no longer.",
        ),
        Metric(
            "sluicegate_drift_reference_texts", "gauge", "texts", ("digest", "source"),
            "Texts that the reference was read from: of the training, or of a deployment's own traffic.",
            "With the source training, expect drift: read it anew with model calibrate --plain.",
        ),
        Metric(
            "sluicegate_review_tasks_total", "counter", "tasks", ("queue", "class"),
            "Review tasks that the broker has acknowledged.",
            "Compare with what the reviewers of the queue can handle.",
        ),
        Metric(
            "sluicegate_review_tasks_withdrawn_total", "counter", "messages", (),
            "Withdrawals sent to queues because content was deleted.",
            "Nothing; a surge means that a product deletes in bulk.",
        ),
        Metric(
            "sluicegate_rules_fired_total", "counter", "events", ("rule",),
            "Events by the rule of the policy that decided them.",
            "A rule that fires far more than when the policy was simulated wants a look.",
        ),
        Metric(
            "sluicegate_texts_truncated_total", "counter", "events", (),
            "Events of whose text only the head and the tail were scored.",
            "Their policy rule routes them; many of one surface may be an evasion.",
        ),
        Metric(
            "sluicegate_surrogates_replaced_total", "counter", "characters", (),
            "Halves of surrogate pairs in texts that were replaced by U+FFFD.",
            "Tell the publisher that it cuts characters in half.",
        ),
        Metric(
            "sluicegate_languages_invalid_total", "counter", "events", (),
            "Events whose language is no BCP 47 tag and counts as unknown.",
            "Tell the publisher; such events go to queues that serve any language.",
        ),
        Metric(
            "sluicegate_languages_identified_total", "counter", "events", ("language",),
            "Events decided that name no language, by the language identified: one of SLUICEGATE_LANGUAGES, or und "
            "where none was likely enough.",
            "Best: have publishers name the language. Mostly und: texts are too short, or in languages that are not "
            "configured; such events go to queues that serve any language.",
        ),
        Metric(
            "sluicegate_timestamps_unusable_total", "counter", "events", (),
            "Decided events whose broker timestamp is none, before 2011, or over an hour ahead: left out of freshness.",
            "Set the producer's clock right, or the topic's message.timestamp.type to LogAppendTime.",
        ),
        Metric(
            "sluicegate_opinions_total", "counter", "texts", ("result",),
            "Texts that a second opinion was wanted on: given, over_budget, pressure (the worker is behind), too_long, "
            "failed; all texts as other_model "
            "when the model that scores is not the one it was trained beside. All but given keep their first scores.",
            "Mostly over_budget: raise SLUICEGATE_OPINION_SHARE or do without. pressure: add workers. Any failed: "
            "unset SLUICEGATE_OPINION_BUNDLE and report it. other_model: train an opinion beside the new model.",
        ),
        Metric(
            "sluicegate_commits_total", "counter", "commits", (),
            "Commits of offsets that the broker has acknowledged.",
            "It moves while events are decided.",
        ),
        Metric(
            "sluicegate_rebalances_total", "counter", "rebalances", (),
            "Times that partitions were assigned to this worker.",
            "More than restarts explain: workers leave the group; look for pauses, raise the session timeout.",
        ),
        Metric(
            "sluicegate_assigned_partitions", "gauge", "partitions", (),
            "Partitions of the events topic that this worker has.",
            "0 on a worker: there are more workers than partitions.",
        ),
        Metric(
            "sluicegate_progress_timestamp_seconds", "gauge", "seconds since the epoch", (),
            "When the worker last had a batch acknowledged, or last had nothing to do.",
            "Liveness is judged by it.",
        ),
        Metric(
            "sluicegate_worker_ready", "gauge", "0 or 1", (),
            "Whether the worker has joined its group, reaches a broker and consumes.",
            "0 for long: see the log, and the runbook of the alert that comes with it.",
        ),
        Metric(
            "sluicegate_worker_halted", "gauge", "0 or 1", (),
            "Whether the worker stopped consuming because too many records were dead letters.",
            "Mend the publisher, or raise the share on purpose, then restart; the runbook is worker-halted.",
        ),
        Metric(
            "sluicegate_broker_connected", "gauge", "0 or 1", (),
            "Whether any broker is connected.",
            "0: the brokers or the network; the worker goes on by itself when they are back.",
        ),
        Metric(
            "sluicegate_under_pressure", "gauge", "0 or 1", (),
            "Whether the worker is so far behind (SLUICEGATE_PRESSURE_AFTER) that second opinions, but those on severe "
            "harms, and the shadow are left out; decisions say so.",
            "1 for long: add workers or partitions; the runbook is lag-growing.",
        ),
        Metric(
            "sluicegate_model_info", "gauge", "1", ("role", "name", "version", "digest", "served"),
            "The models that are loaded: main, and split and shadow where they are set; and what each is served from: "
            "`weights`, or an imported `pipeline`, which is slower.",
            "All workers should show the same ones, except during a change.",
        ),
        Metric(
            "sluicegate_model_events_decided_total", "counter", "events", ("digest", "outcome"),
            "Decided events by the digest of the model that scored them; names and versions are in "
            "sluicegate_model_info.",
            "Compare the shares of outcomes of two models that share the stream; `sluicegate model compare` has more.",
        ),
        Metric(
            "sluicegate_bundle_swaps_total", "counter", "changes", ("role",),
            "Times that a promoted bundle took the place of another in this worker.",
            "All workers should count the same; one that does not, does not see the store.",
        ),
        Metric(
            "sluicegate_bundle_refused", "gauge", "0 or 1", ("role",),
            "Whether the bundle that is set or promoted for a role is refused; what was served before goes on.",
            "See the worker's log, and the runbook bundle-refused.",
        ),
        Metric(
            "sluicegate_shadow_events_total", "counter", "events", ("result",),
            "Events of the shadow's share: scored; failed, or pressure (left out), whose decisions went out without.",
            "Any failed: see the worker's log; the model in the shadow is not fit to be promoted.",
        ),
        Metric(
            "sluicegate_shadow_outcomes_total", "counter", "events", ("outcome", "shadow"),
            "Events that a shadow scored, by their outcome and by the one that the shadow would have had.",
            "Where the two differ is what promoting it would change; `sluicegate model compare` tells more.",
        ),
        Metric(
            "sluicegate_shadow_score_difference", "histogram", "probability", ("harm",),
            "Probability of the shadow less the one that was decided on.",
            "A shift of one harm to one side: compare thresholds before promoting it.",
            _DIFFERENCE,
        ),
        Metric(
            "sluicegate_policy_info", "gauge", "1", ("name", "version", "digest"),
            "The policy that decides.",
            "All workers should show the same one, except during a change.",
        ),
        Metric(
            "sluicegate_delivery_info", "gauge", "1", ("delivery",),
            "What the worker promises of its output: at_least_once or exactly_once.",
            "All workers of a group must show the same one: stop all, then start all, to change over.",
        ),
        Metric(
            "sluicegate_build_info", "gauge", "1", ("version",),
            "The version of Sluicegate.",
            "All workers should show the same one, except during a change.",
        ),
    )  # fmt: skip


#: Every metric that a worker exports.
CATALOGUE: Final = _catalogue()
