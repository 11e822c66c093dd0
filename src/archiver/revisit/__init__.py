"""When pages are visited again: change rates, decay with age, ranking, daily budget."""
