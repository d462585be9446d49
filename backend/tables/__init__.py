"""Tables of the trial: counts and rates of adverse events by arm, with the statistics that go with them."""
