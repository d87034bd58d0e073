"""Production variants on live data: what they answered, what was true, and which is better."""
