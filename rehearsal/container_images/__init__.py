"""Container images of the user's own, without Docker: a folder of files and a virtual environment.

An image is what a Dockerfile of a documented subset says (`dockerfile.py`, `building.py`), it is
pushed to the account's Elastic Container Registry and pulled from there (`registry.py`), and its
programs run as `docker run IMAGE train` would run them (`image.py`).
"""
