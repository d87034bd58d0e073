"""What the scripts that learn from tabular data have in common.

A script in SageMaker's script mode finds it beside itself: lifecycle.yaml names this folder among
the candidate's `dependencies`.
"""
