"""Application Auto Scaling for the endpoints of the rehearsal's SageMaker."""
