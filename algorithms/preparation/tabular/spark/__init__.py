"""The preparation as a PySpark program.

It cleans, derives and encodes with the functions of the preparation in pandas, a block of rows at
a time, and differs in how it splits: see `splitting`. Every instance has the source files and
uploads the part files that its tasks wrote, so there is no shared file system.
"""
