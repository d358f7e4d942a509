"""Every write on what users say: one function per act."""
