"""Everything here that talks to AWS. A class takes an optional boto3 client, or makes its own."""
