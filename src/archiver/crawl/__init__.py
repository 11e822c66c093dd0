"""The order of steps: the way of one page, and of many. Puts fetch, extract, change and store together."""
