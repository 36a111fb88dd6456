"""Which renditions stay: each costs a phone's bytes, and is worth them only if it looks better than a smaller one.

Pure, and the reason of each that goes is a sentence for the person who packs.
"""

from collections.abc import Sequence

from offline_bundles.media.encoded import Rendition

BETTER = 1.0  # VMAF; less is seen by nobody, and ten times what the choice of instants moves
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


def _vmaf(one: Rendition) -> float:
    return one.vmaf or 0.0


def _said(one: Rendition) -> str:
    return f"VMAF {_vmaf(one):.1f}"
