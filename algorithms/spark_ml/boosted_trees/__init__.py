"""Gradient-boosted trees of Spark ML: trained by Spark, served by numpy alone."""
