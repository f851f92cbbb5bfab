"""Dead letters that can be worked: counted, looked at, put back among the events, deleted."""
