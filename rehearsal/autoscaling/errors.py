"""The errors of Application Auto Scaling that SageMaker does not have.

Source: the "Errors" section of each operation's page, e.g.
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

from rehearsal.sagemaker.errors import ServiceError


class ObjectNotFound(ServiceError):
    """There is no such scalable target or policy."""

    code = "ObjectNotFoundException"
    status = 400


class InvalidNextToken(ServiceError):
    """The token is from no list, or from another one."""

    code = "InvalidNextTokenException"
    status = 400
