"""Forms of the gateway. They read; the rules stand in the services."""
