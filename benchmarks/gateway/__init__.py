"""The gateway beside others, in front of one model API that costs nothing."""
