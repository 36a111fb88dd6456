"""The bounds of an exchange, asked before anything is parsed. A week of one learner is some 2 KB in 5 frames."""

REQUEST_BYTES_MAX = 1 << 20  # two years of one learner; a hub sends more requests, not larger ones
INFLATED_BYTES_MAX = 4 << 20  # what DEFLATE may make of it: honest work shrinks four times at most
FRAMES_MAX = 4_096  # one change per exchange and document; a device that offers all again stays far below
FRAME_BYTES_MAX = 256 << 10  # a chain of 200 long submissions
REPLY_BYTES_MAX = 256 << 10  # at 50 kbit/s forty seconds; what is left comes with the next exchange
REPLY_READ_BYTES_MAX = 1 << 20  # of a reply a device reads no more: three times what any server has to say at once
SUBMISSIONS_MAX = 500  # in one frame
RECORD_BYTES_MAX = 64 << 10  # a quiz of 500 questions with long answers
JSON_DEPTH_MAX = 8
COURSE_CHARACTERS_MAX = 48
REASON_BYTES_MAX = 64
CARRIED_BYTES_MAX = 32 << 20  # a file of requests or replies: ten thousand phones that each bring a week
CARRIED_PARTS_MAX = 20_000  # each costs a signature's verification: 20,000 take a minute
CARRIED_PART_BYTES_MAX = REQUEST_BYTES_MAX + 1_024  # a request, or a reply with what it answers
PICTURE_BYTES_MAX = 256 << 10  # phones make them 150 KB; a browser that knows JPEG alone needs a little more
PIECE_BYTES_MAX = 32 << 10  # five seconds of 2G: what a cut costs
