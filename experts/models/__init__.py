"""The registry: experts, topics, contracts, papers, and who looked."""

from experts.models.contracts import Contract as Contract
from experts.models.contracts import ContractPaper as ContractPaper
from experts.models.contracts import ContractText as ContractText
from experts.models.looks import ReadLog as ReadLog
from experts.models.papers import SeenPaper as SeenPaper
from experts.models.papers import TaxCard as TaxCard
from experts.models.registry import Absence as Absence
from experts.models.registry import Area as Area
from experts.models.registry import Expert as Expert
from experts.models.registry import ExpertTopic as ExpertTopic
from experts.models.registry import SavedView as SavedView
from experts.models.registry import Topic as Topic
from experts.models.registry import TopicGroup as TopicGroup
