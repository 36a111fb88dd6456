"""Attempts, graded by the machine, and what trainers say over it; the rules are `conflict.grades`.

source      quizzes with their keys
marking     the machine's grading of one submission
attempts    as they were marked and judged: read back, and written
settling    what attempts are worth, told to their learners through the log
rulings     trainers' words, kept and read; none is ever changed
saying      a word about attempts: kept, and everything it touches settled anew
regrading   a word about everyone's attempts: settled learner by learner, behind the requests
overruling  a word about a settled conflict: the value that she chose goes to every phone
"""
