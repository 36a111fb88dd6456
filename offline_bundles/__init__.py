"""A course in, a signed bundle out. The format: docs/bundle-format.md.

course   the folder that a person writes, read and checked
media    video, sound and pictures, made small and the same each time
packing  everything into objects and manifests, the root signed
opening  what a release holds, verified; the small pack of an update
stores   where objects are kept
card     releases in files that are carried by hand
quiz     what an answer is worth
"""

from offline_bundles.opening.contents import ObjectRef, objects_of, read_release
from offline_bundles.opening.update import read_update, update_pack
from offline_bundles.opening.verify import verify_release
from offline_bundles.packing.pack import pack
from offline_bundles.packing.report import Progress, Report
from offline_bundles.quiz.grading import GradedAttempt, GradedQuestion, grade, grade_question
from offline_bundles.records import PackedRelease, ReleaseRecord
from offline_bundles.signing import Signer, key_id, verify_root
from offline_bundles.stores import FolderStore, ObjectSource, ObjectStore

__all__ = [
    "FolderStore",
    "GradedAttempt",
    "GradedQuestion",
    "ObjectRef",
    "ObjectSource",
    "ObjectStore",
    "PackedRelease",
    "Progress",
    "ReleaseRecord",
    "Report",
    "Signer",
    "grade",
    "grade_question",
    "key_id",
    "objects_of",
    "pack",
    "read_release",
    "read_update",
    "update_pack",
    "verify_release",
    "verify_root",
]
