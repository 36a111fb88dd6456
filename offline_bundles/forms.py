"""What the format calls its things: the forms of its manifests, the patterns of its names. docs/bundle-format.md."""

import re

RELEASE_FORM = "tiffin-release-1"
LESSON_FORM = "tiffin-lesson-1"
STREAM_FORM = "tiffin-stream-1"
QUIZ_FORM = "tiffin-quiz-1"
CARD_FORM = "tiffin-card-1"

DIGEST = re.compile(r"[0-9a-f]{64}")  # SHA-256
SIGNATURE = re.compile(r"[0-9a-f]{128}")  # Ed25519
KEY_ID = re.compile(r"[0-9a-f]{16}")
NUMBER_MAX = 1_000_000  # of a release: one each minute for two years
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")  # of a course, a lesson, an activity, a question, a choice
