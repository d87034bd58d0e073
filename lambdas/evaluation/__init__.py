"""The pure core of the evaluation: no AWS calls, no input or output, standard library only."""
