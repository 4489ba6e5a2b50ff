"""Where a number comes from: its rows, rule, inputs and the published value, put together for a reader."""
