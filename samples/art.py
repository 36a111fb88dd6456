"""The sample course's drawings: flat shapes in the colours of the tin, as SVG, so that slides and pages share them.

Every drawing lives in a square of `SIDE` units. Nothing here is read from outside, so the same code draws the same.
The health post bears the green first-aid cross: a red cross or crescent is an emblem that the law protects.
"""

from collections.abc import Iterable

INK, STEEL, WATER, TURMERIC = "#1B1F24", "#7C8894", "#5BA4DE", "#E3A008"
LEAF, BRICK, PAPER = "#1B6E45", "#A93A28", "#FFFDF8"
PALE_WATER, PALE_STEEL, WOOD = "#DDEEFB", "#C9D0D6", "#6B4A35"
DARK_SKIN, LIGHT_SKIN = "#7A4B33", "#9A6545"
SIDE = 400
FONT = 'font-family="Noto Sans, sans-serif" font-weight="700" text-anchor="middle"'


def svg(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{body}</svg>'


def _rect(x: float, y: float, width: float, height: float, fill: str, corner: float = 12) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}" fill="{fill}"/>'


def _circle(x: float, y: float, radius: float, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _oval(x: float, y: float, across: float, down: float, fill: str) -> str:
    return f'<ellipse cx="{x}" cy="{y}" rx="{across}" ry="{down}" fill="{fill}"/>'


def _line(path: str, colour: str, width: float = 12) -> str:
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" {ends}/>'


def _shape(path: str, fill: str) -> str:
    return f'<path d="{path}" fill="{fill}"/>'


def _word(x: float, y: float, size: float, text: str, fill: str = INK) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" {FONT}>{text}</text>'


def _at(body: str, x: float, y: float, *, turn: float = 0, size: float = 1, mirrored: bool = False) -> str:
    """Puts a drawing's own origin at a place, turned clockwise in degrees."""
    across = -size if mirrored else size
    return f'<g transform="translate({x} {y}) rotate({turn}) scale({across} {size})">{body}</g>'


def _drop(x: float, y: float, size: float, fill: str = WATER) -> str:
    low, side = y + size * 0.9, size * 0.85
    path = f"M{x} {y - size}C{x + side * 0.4} {y - size * 0.3} {x + side} {y + size * 0.1} {x + side} {y + size * 0.35}"
    path += f"C{x + side} {low} {x - side} {low} {x - side} {y + size * 0.35}"
    return _shape(path + f"C{x - side} {y + size * 0.1} {x - side * 0.4} {y - size * 0.3} {x} {y - size}Z", fill)


def _bubbles(places: Iterable[tuple[float, float, float]], edge: str = WATER) -> str:
    return "".join(_circle(x, y, radius + 3, edge) + _circle(x, y, radius, PAPER) for x, y, radius in places)


def _tap() -> str:
    """Its mouth is at (0, 0); the pipe comes from the left."""
    pipe = _line("M-130 -64L-20 -64Q0 -64 0 -44L0 -14", STEEL, 30) + _rect(-20, -22, 40, 18, INK, 5)
    return pipe + _line("M-66 -80L-66 -106", INK, 12) + _line("M-96 -110L-36 -110", BRICK, 16)


def _tumbler(fill: str) -> str:
    """A glass whose foot stands on y = 0 around x = 0, three quarters full."""
    drink = _shape("M-60 -118L60 -118L50 -2L-50 -2Z", fill) + _oval(0, -118, 60, 8, PALE_WATER)
    return drink + _line("M-68 -160L-52 -12Q-50 0 -40 0L40 0Q50 0 52 -12L68 -160", STEEL, 9)


def _glass() -> str:
    shine = _line("M134 292L138 332", PALE_WATER, 8)
    stream = _line("M200 132L200 236", WATER, 16)
    return _at(_tap(), 200, 132) + stream + _at(_tumbler(WATER), 200, 372, size=1.15) + shine + _line(FLOOR, INK, 8)


FLOOR = "M40 380L360 380"


def _germ(x: float, y: float, fill: str) -> str:
    ways = ((34, 0), (-34, 0), (0, 34), (0, -34), (24, 24), (-24, -24), (24, -24), (-24, 24))
    legs = "".join(_line(f"M{x} {y}L{x + dx} {y + dy}", fill, 8) for dx, dy in ways)
    return legs + _circle(x, y, 22, fill) + _circle(x - 7, y - 4, 4, PAPER) + _circle(x + 8, y + 3, 4, PAPER)


def _germs() -> str:
    lens = _circle(180, 180, 132, STEEL) + _circle(180, 180, 114, PALE_WATER)
    handle = _line("M282 282L358 358", INK, 30)
    return handle + lens + _germ(146, 140, LEAF) + _germ(226, 166, BRICK) + _germ(168, 232, TURMERIC)


def _open_hand(skin: str, sleeve: str) -> str:
    """Seen from its back, wrist at (0, 0), fingers upwards."""
    fingers = "".join(
        _at(_rect(-10, -length, 20, length + 20, skin, 10), x, -84, turn=turn)
        for x, length, turn in ((-30, 58, -12), (-10, 72, -3), (12, 68, 5), (32, 50, 14))
    )
    thumb = _at(_rect(-11, -62, 22, 76, skin, 11), 36, -38, turn=48)
    return fingers + thumb + _rect(-42, -100, 84, 100, skin, 28) + _rect(-28, -26, 56, 56, skin, 8) + _cuff(sleeve)


def _cuff(sleeve: str) -> str:
    return _rect(-36, 18, 72, 46, sleeve, 8)


def _side_hand(skin: str, sleeve: str) -> str:
    """Seen from its side, wrist at (0, 0), fingers to the right."""
    palm = _rect(-46, -26, 110, 52, skin, 22) + _rect(40, -24, 92, 24, skin, 12) + _rect(36, -2, 82, 22, skin, 11)
    thumb = _at(_rect(0, -11, 68, 22, skin, 11), 20, -16, turn=-28)
    return palm + thumb + _at(_cuff(sleeve), -22, 0, turn=90)


def _rubbing() -> str:
    """Two hands laid together, around (0, 0)."""
    under = _at(_side_hand(LIGHT_SKIN, TURMERIC), 92, 22, turn=8, mirrored=True)
    over = _at(_side_hand(DARK_SKIN, TURMERIC), -92, 0, turn=8)
    return under + over


FOAM = ((-30, -22, 17), (2, -32, 22), (34, -18, 15), (-6, 30, 14), (24, 26, 18), (-40, 16, 11))


def _hands() -> str:
    stream = _line("M196 128L196 196", WATER, 16)
    falling = _drop(120, 346, 13) + _drop(196, 366, 13) + _drop(268, 344, 13)
    return _at(_tap(), 196, 128) + stream + _at(_rubbing() + _bubbles(FOAM), 196, 252, size=1.15) + falling


def _wet() -> str:
    tap = _at(_tap(), 0, -34, size=0.5, mirrored=True)
    return tap + _line("M0 -34L0 30", WATER, 10) + _at(_rubbing(), 0, 44, size=0.52)


def _soap() -> str:
    bar = _rect(-42, -46, 84, 40, TURMERIC, 18) + _rect(-26, -36, 52, 8, PAPER, 4)
    return _at(_side_hand(DARK_SKIN, LEAF), -50, 24, size=0.75) + bar + _bubbles(((-52, -52, 8), (52, -44, 10)))


def _rub() -> str:
    return _at(_rubbing() + _bubbles(FOAM), 0, 4, size=0.6)


def _between() -> str:
    behind = _at(_open_hand(LIGHT_SKIN, LEAF), 30, 70, turn=-30, size=0.7)
    front = _at(_open_hand(DARK_SKIN, LEAF), -30, 70, turn=30, size=0.7)
    return behind + front + _bubbles(((-4, -30, 9), (22, -12, 7), (-26, -6, 8)))


def _rinse() -> str:
    tap = _at(_tap(), 0, -34, size=0.5, mirrored=True)
    stream = _line("M0 -34L0 24", WATER, 10)
    return tap + _at(_rubbing(), 0, 40, size=0.52) + stream + _drop(-34, 84, 8) + _drop(2, 88, 8) + _drop(36, 84, 8)


def _dry() -> str:
    towel = _shape("M-62 -64L62 -64L54 50Q0 66 -54 50Z", PALE_WATER) + _line("M-58 -34L58 -34M-57 -18L57 -18", WATER, 6)
    left = _at(_side_hand(DARK_SKIN, LEAF), -64, 26, size=0.5)
    return towel + left + _at(_side_hand(LIGHT_SKIN, LEAF), 64, 26, size=0.5, mirrored=True)


def _steps() -> str:
    """Six steps from wet to dry; the second row goes on where the first one ends."""
    steps = (_wet, _soap, _rub, _between, _rinse, _dry)
    return "".join(_panel(number, step()) for number, step in enumerate(steps))


def _panel(number: int, body: str) -> str:
    """A nested drawing cuts off what reaches over its edge: the arms."""
    x, y = number % 3 * 134, number // 3 * 204
    badge = _circle(-42, -76, 17, TURMERIC) + _word(-42, -69, 20, str(number + 1))
    inside = _rect(-66, -98, 132, 196, PAPER, 16) + _at(body, 2, 14, size=0.86) + badge
    return f'<svg x="{x}" y="{y}" width="132" height="196" viewBox="-66 -98 132 196">{inside}</svg>'


def _fly() -> str:
    wings = _at(_oval(0, 0, 18, 8, PALE_STEEL), -12, -12, turn=35) + _at(
        _oval(0, 0, 18, 8, PALE_STEEL), 12, -12, turn=-35
    )
    return wings + _oval(0, 2, 9, 16, INK) + _circle(0, 20, 8, INK) + _line("M-14 4L14 4M-13 14L13 14", INK, 3)


def _crop() -> str:
    return _line("M0 26L0 -22", LEAF, 6) + "".join(
        _at(_oval(0, 0, 15, 7, LEAF), x, y, turn=turn) for x, y, turn in ((-14, -6, 40), (14, -6, -40), (0, -24, 90))
    )


def _latrine() -> str:
    wall = _rect(18, 176, 84, 120, STEEL, 6) + _shape("M4 182L60 122L116 182Z", BRICK)
    return wall + _rect(40, 214, 40, 82, INK, 4) + _circle(72, 256, 4, TURMERIC)


def _plate() -> str:
    food = _circle(334, 218, 56, INK) + _circle(334, 218, 47, PAPER) + _circle(334, 218, 28, TURMERIC)
    return food + _circle(324, 212, 7, BRICK) + _circle(344, 226, 7, LEAF) + _circle(340, 206, 5, BRICK)


ROADS = (
    ("M112 186Q196 8 306 164", BRICK),
    ("M120 206Q196 132 276 202", TURMERIC),
    ("M120 232Q196 300 276 236", LEAF),
    ("M112 272Q196 440 308 272", WATER),
)


def _path() -> str:
    roads = "".join(_line(path, colour, 8) for path, colour in ROADS)
    stops = "".join(_circle(196, y, 38, PAPER) for y in (96, 170, 268, 350))
    signs = _at(_open_hand(DARK_SKIN, BRICK), 196, 110, size=0.34) + _at(_fly(), 196, 168)
    return roads + _latrine() + _plate() + stops + signs + _at(_crop(), 196, 268) + _drop(196, 348, 22)


def _cloth() -> str:
    jug = _shape("M-52 -70L52 -70L60 60Q60 74 46 74L-46 74Q-60 74 -60 60Z", STEEL)
    handle = _line("M-58 -40Q-104 -34 -96 4Q-92 36 -60 40", STEEL, 12)
    stream = _line("M226 112Q246 126 242 206", WATER, 18)
    pot = _shape("M150 226Q96 300 168 366L316 366Q388 300 334 226Z", BRICK)
    cloth = _shape(
        "M126 204Q242 236 358 204L346 276Q330 246 300 262Q272 240 242 266Q212 240 184 262Q154 246 138 276Z", PAPER
    )
    band = _line("M142 236Q242 264 342 236", TURMERIC, 9)
    return (
        _at(handle + jug, 144, 108, turn=62)
        + pot
        + cloth
        + band
        + _oval(242, 214, 36, 9, WATER)
        + stream
        + _line(FLOOR, INK, 8)
    )


def _tongue(x: float, y: float, high: float, fill: str) -> str:
    wide, low = high * 0.62, y + high * 0.1
    right = f"M{x} {y - high}C{x + wide * 0.4} {y - high * 0.5} {x + wide} {y - high * 0.4} {x + wide * 0.7} {low}"
    left = f"L{x - wide * 0.7} {low}C{x - wide} {y - high * 0.4} {x - wide * 0.3} {y - high * 0.5} {x} {y - high}Z"
    return _shape(right + left, fill)


def _flame(x: float, y: float, high: float) -> str:
    return _tongue(x, y, high, BRICK) + _tongue(x, y, high * 0.62, TURMERIC)


def _pot() -> str:
    steam = "".join(_line(f"M{x} 92Q{x - 20} 70 {x} 48Q{x + 20} 28 {x} 8", PALE_STEEL, 10) for x in (140, 200, 260))
    body = _shape("M84 148L316 148L304 268Q300 296 272 296L128 296Q100 296 96 268Z", INK) + _oval(
        200, 148, 122, 26, STEEL
    )
    boiling = _bubbles(((140, 142, 13), (176, 130, 17), (218, 138, 14), (254, 132, 16), (200, 152, 11), (160, 156, 9)))
    handles = _line("M84 190L50 182M316 190L350 182", INK, 16)
    fire = _flame(150, 358, 44) + _flame(250, 358, 44) + _flame(200, 358, 58)
    logs = _line("M112 372L288 352M112 352L288 372", WOOD, 18)
    return steam + handles + body + _oval(200, 148, 108, 19, WATER) + boiling + fire + logs


def _clock(minutes: int) -> str:
    """Around (0, 0), the first half hour shaded."""
    half = _shape("M0 -46A46 46 0 0 1 0 46Z", TURMERIC)
    return (
        _circle(0, 0, 58, INK)
        + _circle(0, 0, 48, PAPER)
        + half
        + _line("M0 -34L0 34", INK, 6)
        + _word(-22, 8, 22, str(minutes))
    )


def _chlorine() -> str:
    neck = _rect(-16, -98, 32, 30, INK, 6)
    bottle = neck + _rect(-42, -74, 84, 136, LEAF, 18) + _rect(-32, -34, 64, 56, PAPER, 6) + _word(0, 4, 34, "Cl", LEAF)
    bucket = _shape("M150 218L366 218L340 366Q338 378 326 378L190 378Q178 378 176 366Z", STEEL)
    water = _shape("M164 236L352 236L332 356Q330 364 322 364L194 364Q186 364 184 356Z", WATER) + _oval(
        258, 236, 94, 14, PALE_WATER
    )
    return _at(bottle, 116, 112, turn=112) + _drop(232, 176, 13, TURMERIC) + bucket + water + _at(_clock(30), 322, 88)


def _bottle() -> str:
    """Lying, its foot at (0, 0)."""
    body = _shape(
        "M14 -56L96 -56Q118 -54 130 -40L146 -40L146 -16L130 -16Q118 -2 96 0L14 0Q0 0 0 -14L0 -42Q0 -56 14 -56Z", WATER
    )
    return (
        body
        + _rect(146, -42, 20, 28, BRICK, 4)
        + _rect(20, -46, 62, 9, PAPER, 4)
        + _line("M40 -2L40 -30M70 -2L70 -30", PALE_WATER, 4)
    )


def _sun() -> str:
    ways = ((1, 0), (-1, 0), (0, -1), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (0, 1))
    rays = "".join(
        _line(f"M{200 + dx * 84:.0f} {130 + dy * 84:.0f}L{200 + dx * 110:.0f} {130 + dy * 110:.0f}", TURMERIC, 14)
        for dx, dy in ways
    )
    roof = "".join(_line(f"M{x} 352Q{x + 12} 372 {x + 24} 352", STEEL, 9) for x in range(20, 380, 24))
    return rays + _circle(200, 130, 62, TURMERIC) + _at(_bottle(), 24, 342) + _at(_bottle(), 212, 342) + roof


def _filter() -> str:
    """Two buckets: water goes through a ceramic candle in the upper one and gathers in the lower one."""
    above = (
        _rect(112, 60, 176, 140, PALE_STEEL, 14)
        + _rect(122, 92, 156, 98, "#B9C7A8", 8)
        + _rect(96, 42, 208, 28, INK, 14)
    )
    candle = _rect(180, 112, 40, 78, PAPER, 18) + _line("M190 134L210 134M190 150L210 150M190 166L210 166", STEEL, 4)
    below = _rect(112, 212, 176, 140, PALE_STEEL, 14) + _rect(122, 256, 156, 88, WATER, 8)
    tap = _line("M286 318L322 318L322 334", STEEL, 18) + _line("M302 302L302 288", INK, 10)
    drops = _drop(186, 232, 9) + _drop(214, 240, 9)
    return (
        above + candle + _rect(104, 198, 192, 16, STEEL, 8) + below + drops + tap + _line("M60 364L300 364", WOOD, 16)
    )


def _jar() -> str:
    jar = _shape("M84 112Q30 220 96 318L252 318Q318 220 264 112Z", BRICK) + _line(
        "M66 196Q174 224 282 196", TURMERIC, 9
    )
    lid = _rect(66, 84, 216, 32, INK, 14) + _circle(174, 72, 18, INK)
    tap = _line("M270 266L318 266L318 286", STEEL, 18) + _line("M296 250L296 234", INK, 10)
    table = _line("M30 330L272 330M60 334L60 382M242 334L242 382", WOOD, 16)
    return table + jar + lid + tap + _drop(318, 304, 9) + _at(_tumbler(WATER), 322, 384, size=0.42)


def _ors() -> str:
    teeth = "".join(f"L{x} {104 if step % 2 else 118}" for step, x in enumerate(range(24, 169, 12)))
    sachet = _shape(f"M24 118{teeth}L168 350Q168 360 158 360L34 360Q24 360 24 350Z", TURMERIC)
    label = _rect(42, 158, 108, 92, PAPER, 8) + _word(96, 220, 46, "ORS") + _drop(96, 304, 30, PAPER)
    spoon = _line("M330 60L292 244", INK, 10) + _at(_oval(0, 0, 17, 24, INK), 288, 262, turn=12)
    return sachet + label + _at(_tumbler("#BFE0F7"), 282, 360, size=1.35) + spoon + _line("M10 372L390 372", INK, 8)


def _face(x: float, y: float, radius: float, skin: str) -> str:
    eyes = _circle(x - radius * 0.36, y, radius * 0.09, INK) + _circle(x + radius * 0.36, y, radius * 0.09, INK)
    smile = f"M{x - radius * 0.28} {y + radius * 0.38}Q{x} {y + radius * 0.6} {x + radius * 0.28} {y + radius * 0.38}"
    return _circle(x, y, radius, skin) + eyes + _line(smile, INK, radius * 0.08)


def _mother() -> str:
    scarf = _shape("M62 152Q56 40 150 40Q244 40 238 152Q244 214 268 236L34 236Q56 214 62 152Z", LEAF)
    dress = _shape("M20 384Q20 236 104 216L196 216Q276 240 276 384Z", LEAF)
    return (
        dress
        + scarf
        + _face(150, 132, 60, DARK_SKIN)
        + _shape("M84 122Q150 84 216 122Q206 60 150 60Q94 60 84 122Z", LEAF)
    )


def _child() -> str:
    shirt = _shape("M214 384Q214 304 262 296L326 296Q374 304 374 384Z", TURMERIC)
    hair = _shape("M246 236Q240 176 294 176Q348 176 342 236Q294 196 246 236Z", INK)
    return shirt + _face(294, 242, 50, LIGHT_SKIN) + hair


def _care() -> str:
    arm = _line("M70 300Q120 356 210 322", DARK_SKIN, 30) + _line("M58 282Q84 330 128 344", LEAF, 38)
    return _mother() + _child() + arm + _at(_tumbler("#BFE0F7"), 234, 340, size=0.46) + _circle(214, 318, 15, DARK_SKIN)


def _sign() -> str:
    house = _rect(84, 190, 232, 184, PAPER, 8) + _shape("M50 204L200 84L350 204Z", BRICK)
    door = _rect(168, 286, 64, 88, INK, 6) + _circle(220, 332, 4, TURMERIC)
    windows = "".join(
        _rect(x, 284, 40, 40, PALE_WATER, 4) + _line(f"M{x + 20} 286L{x + 20} 322", WATER, 4) for x in (108, 252)
    )
    cross = (
        _circle(200, 206, 52, PAPER)
        + _circle(200, 206, 46, LEAF)
        + _rect(189, 176, 22, 60, PAPER, 4)
        + _rect(170, 195, 60, 22, PAPER, 4)
    )
    return house + cross + door + windows + _line("M20 378L380 378", LEAF, 14)


ART = {
    "glass": _glass,
    "germs": _germs,
    "path": _path,
    "cloth": _cloth,
    "pot": _pot,
    "chlorine": _chlorine,
    "sun": _sun,
    "filter": _filter,
    "jar": _jar,
    "hands": _hands,
    "steps": _steps,
    "ors": _ors,
    "care": _care,
    "sign": _sign,
}


def drawing(name: str) -> str:
    return svg(ART[name]())
