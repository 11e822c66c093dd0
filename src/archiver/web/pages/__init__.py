"""One module for each page: a function from a request to the page's data and its template."""
