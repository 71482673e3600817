"""One script for each change of the tables; none is ever edited."""
