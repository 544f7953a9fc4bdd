"""The red team: an adversary who evades the detector, and is told only what an adversary sees.

The room stands apart from the detector. It makes worlds and reads verdicts; how a verdict comes
about it cannot know, and nothing of the detector knows this room.
"""
