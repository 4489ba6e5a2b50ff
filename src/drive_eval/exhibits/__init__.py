"""Forms of tables and figures, drawn from registry rows; never from cases."""
