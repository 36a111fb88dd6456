"""Which renditions stay: each costs a phone's bytes, and is worth them only if it looks better than a smaller one.

Pure, and the reason of each that goes is a sentence for the person who packs.
"""

from collections.abc import Sequence

from offline_bundles.media.encoded import Rendition

BETTER = 1.0  # VMAF; less is seen by nobody, and ten times what the choice of instants moves
ALIKE = 0.5  # VMAF; half of what is better, so that nothing is lost by taking the smaller file
PAYS = 0.8  # of the bytes: below that a second file of the same picture is worth its room on servers and cards
SAME_SIZE = 1.05  # of another's bytes: as many, for whoever waits for them


def worth_their_bytes(ascending: Sequence[Rendition], source_bytes: int) -> tuple[tuple[Rendition, ...], list[str]]:
    """Those that stay, and why each other one goes. The smallest, or what is better at its size, stays in any case."""
    kept, reasons = [ascending[0]], []
    for one in ascending[1:]:
        below = kept[-1]
        if one.bytes > source_bytes:
            reasons.append(f"{one.name} was larger than its source")
        elif _vmaf(one) < _vmaf(below) + BETTER:
            reasons.append(
                f"{one.name} ({_said(one)}) was no better than {below.name} ({_said(below)}), which is smaller"
            )
        else:
            if one.bytes <= below.bytes * SAME_SIZE:
                kept.pop()
                reasons.append(
                    f"{below.name} ({_said(below)}) was worse than {one.name} ({_said(one)}) at the same size"
                )
            kept.append(one)
    return tuple(kept), reasons


def worth_beside(one: Rendition, sibling: Rendition | None) -> str:
    """ "" where AV1 pays beside the H.264 of the same size, or why it does not."""
    if sibling is None:
        return f"{one.name} has nothing of its size to stand beside"
    if _vmaf(one) < _vmaf(sibling) - ALIKE:
        return f"{one.name} ({_said(one)}) was worse than {sibling.name} ({_said(sibling)})"
    if one.bytes > sibling.bytes * PAYS:
        return f"{one.name} took {one.bytes * 100 // sibling.bytes} % of {sibling.name}'s bytes, which saves too little"
    return ""


def _vmaf(one: Rendition) -> float:
    return one.vmaf or 0.0


def _said(one: Rendition) -> str:
    return f"VMAF {_vmaf(one):.1f}"
