"""Many workers on one list of sites: the commands of a fleet."""
