"""What is kept and what computes over it: five parts that do not know each other."""
