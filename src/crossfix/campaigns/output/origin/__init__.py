"""Files of sightings and fan-outs."""
