"""The images of the user's own, which the account has built: they bring their programs."""

from rehearsal.sagemaker.jobs.images.image_programs import Programs

PROGRAMS = Programs(("train",), ("serve",), own=True)
