"""File sanitization: an untrusted file goes in, a newly written one that can do nothing comes out, or a refusal.

>>> from sekisho.sanitizer import Policy, sanitize
>>> result = sanitize(b"name,amount\\n=1+1,5\\n", Policy.named("inbound"), name="list.csv")
>>> result.status, result.method
('clean', 'text')
"""

from sekisho.sanitizer.engine import sanitize
from sekisho.sanitizer.policies import Policy, PolicyError, load_policy
from sekisho.sanitizer.results import FileFacts, Refused, Removal, Report, Result

__all__ = [
    "FileFacts",
    "Policy",
    "PolicyError",
    "Refused",
    "Removal",
    "Report",
    "Result",
    "load_policy",
    "sanitize",
]
