import typer

t = typer.Typer()


@t.command()
def apply():
    from kafka.admin import KafkaAdminClient, NewTopic

    from sluicegate.agents.settings import load_settings
    from sluicegate.policy import load_policy

    s = load_settings()
    p = load_policy(s.policy)
    a = KafkaAdminClient(bootstrap_servers=list(s.brokers))
    a.create_topics(
        [
            NewTopic(x, s.partitions, 1, topic_configs={"max.message.bytes": str(2**21)})
            for x in [
                s.events_topic,
                s.decisions_topic,
                s.dead_letters_topic,
                s.outcomes_topic,
                *p.review_topics(s.review_prefix),
            ]
        ]
    )
    a.close()


@t.command()
def check():
    pass
