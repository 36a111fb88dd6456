"""The sample course's drawings: flat shapes in the colours of the tin, as SVG, so that slides and pages share them."""

INK, STEEL, WATER, TURMERIC, LEAF, BRICK, PAPER = (
    *("#1B1F24", "#7C8894", "#5BA4DE", "#E3A008"),
    *("#1B6E45", "#A93A28", "#FFFDF8"),
)
SIDE = 400  # every drawing is a square of this many units


def svg(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{body}</svg>'


def _rect(x: int, y: int, width: int, height: int, fill: str, round_: int = 12) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_}" fill="{fill}"/>'


def _circle(x: int, y: int, radius: int, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _line(path: str, colour: str, width: int = 12) -> str:
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" {ends}/>'


def _shape(path: str, fill: str) -> str:
    return f'<path d="{path}" fill="{fill}"/>'


def _drop(x: int, y: int, size: int, fill: str = WATER) -> str:
    return _shape(
        f"M{x} {y - size}C{x + size} {y} {x + size} {y + size} {x} {y + size}"
        f"C{x - size} {y + size} {x - size} {y} {x} {y - size}Z",
        fill,
    )


def _glass() -> str:
    water = _shape("M126 190L274 190L258 340Q256 352 244 352L156 352Q144 352 142 340Z", WATER)
    side = _line("M112 70L140 344Q142 362 160 362L240 362Q258 362 260 344L288 70", STEEL)
    return water + side + _circle(170, 250, 9, PAPER) + _circle(222, 300, 7, PAPER)


def _germ(x: int, y: int, fill: str) -> str:
    legs = "".join(
        _line(f"M{x} {y}L{x + dx} {y + dy}", fill, 8)
        for dx, dy in ((34, 0), (-34, 0), (0, 34), (0, -34), (24, 24), (-24, -24), (24, -24), (-24, 24))
    )
    return legs + _circle(x, y, 22, fill) + _circle(x - 7, y - 4, 4, PAPER) + _circle(x + 8, y + 3, 4, PAPER)


def _germs() -> str:
    lens = _circle(180, 180, 132, STEEL) + _circle(180, 180, 114, "#DDEEFB")
    handle = _line("M282 282L358 358", INK, 30)
    return handle + lens + _germ(150, 140, LEAF) + _germ(222, 170, BRICK) + _germ(160, 224, TURMERIC)


def _path() -> str:
    latrine = _rect(30, 150, 92, 130, STEEL) + _shape("M20 156L76 96L132 156Z", BRICK) + _rect(58, 200, 36, 80, INK, 4)
    plate = _circle(330, 216, 56, INK) + _circle(330, 216, 44, PAPER) + _circle(330, 216, 24, TURMERIC)
    roads = "".join(
        _line(path, colour, 10)
        for path, colour in (
            ("M140 150Q215 40 292 158", BRICK),
            ("M140 190Q215 130 270 190", TURMERIC),
            ("M140 240Q215 260 270 236", LEAF),
            ("M140 270Q215 370 296 272", WATER),
        )
    )
    return roads + latrine + plate


def _cloth() -> str:
    jug = _shape("M60 60L200 30L226 130L96 164Z", STEEL)
    stream = _line("M222 112Q252 130 244 196", WATER, 20)
    cloth = _shape("M120 204Q244 250 360 204L340 236Q244 278 140 236Z", PAPER) + _line(
        "M120 204Q244 250 360 204", INK, 8
    )
    pot = _rect(146, 250, 192, 112, BRICK, 40)
    return jug + stream + pot + cloth + _drop(244, 300, 16)


def _pot() -> str:
    steam = "".join(_line(f"M{x} 120Q{x - 22} 90 {x} 64Q{x + 22} 40 {x} 14", STEEL, 10) for x in (140, 200, 260))
    pot = _rect(84, 160, 232, 140, INK, 28) + _rect(64, 146, 272, 30, STEEL, 15)
    handles = _line("M84 210L50 210M316 210L350 210", INK, 16)
    flame = _shape(
        "M150 372Q120 330 152 310Q156 334 176 312Q200 340 196 306Q232 322 224 312Q270 340 246 372Z", TURMERIC
    )
    return steam + handles + pot + flame + _line("M90 378L310 378", BRICK, 16)


def _chlorine() -> str:
    bottle = _rect(70, 60, 96, 150, LEAF, 18) + _rect(96, 24, 44, 44, INK, 8) + _rect(84, 108, 68, 54, PAPER, 6)
    bucket = _shape("M170 210L366 210L340 372L196 372Z", STEEL) + _shape("M180 232L356 232L334 362L202 362Z", WATER)
    return bottle + _line("M166 84L236 84L236 110", INK, 10) + _drop(236, 150, 22, TURMERIC) + bucket


def _sun() -> str:
    rays = "".join(
        _line(f"M{200 + dx * 86} {120 + dy * 86}L{200 + dx * 112} {120 + dy * 112}", TURMERIC, 14)
        for dx, dy in ((1, 0), (-1, 0), (0, -1), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7))
    )
    bottles = "".join(
        _rect(x, 286, 150, 62, WATER, 26) + _rect(x + 146, 304, 26, 26, STEEL, 6) + _rect(x + 22, 298, 70, 10, PAPER, 5)
        for x in (20, 208)
    )
    return rays + _circle(200, 120, 62, TURMERIC) + bottles + _line("M10 364L390 364", INK, 10)


def _jar() -> str:
    jar = _rect(90, 110, 200, 240, BRICK, 60) + _rect(80, 86, 220, 36, INK, 14) + _circle(190, 74, 16, INK)
    tap = _rect(284, 270, 56, 20, STEEL, 6) + _rect(320, 270, 20, 40, STEEL, 6)
    return jar + tap + _drop(330, 346, 16) + _line("M130 190L250 190", PAPER, 8)


def _hands() -> str:
    tap = _line("M60 60L220 60L220 104", STEEL, 28) + _line("M140 60L140 24M108 24L172 24", STEEL, 16)
    water = _line("M220 130L220 190", WATER, 18)
    under = _circle(300, 280, 54, "#B07A55") + _line("M290 240L258 214M262 300L210 318M266 320L226 344", "#B07A55", 28)
    over = _circle(120, 284, 54, "#8D5B3F") + _line(
        "M140 250L236 232M150 270L256 262M150 292L252 294M140 314L230 322", "#8D5B3F", 28
    )
    foam = "".join(
        _circle(x, y, radius, PAPER) + _line(f"M{x - radius} {y}a{radius} {radius} 0 1 1 {2 * radius} 0", WATER, 5)
        for x, y, radius in ((182, 232, 18), (214, 250, 24), (250, 234, 16), (226, 290, 14))
    )
    return tap + water + under + over + foam


def _ors() -> str:
    sachet = _rect(30, 90, 130, 170, TURMERIC, 10) + _rect(48, 130, 94, 70, PAPER, 6)
    font = 'font-family="sans-serif" font-size="34" font-weight="700" text-anchor="middle"'
    words = f'<text x="95" y="176" {font} fill="{INK}">ORS</text>'
    cup = _shape("M200 130L366 130L346 350Q344 362 332 362L234 362Q222 362 220 350Z", STEEL)
    drink = _shape("M212 170L354 170L340 342Q338 350 330 350L236 350Q228 350 226 342Z", "#BFE0F7")
    spoon = _line("M300 40L280 250", INK, 10) + _circle(278, 270, 20, INK)
    return sachet + words + cup + drink + spoon


def _sign() -> str:
    house = (
        _rect(90, 180, 220, 180, PAPER, 8) + _shape("M70 190L200 80L330 190Z", BRICK) + _rect(170, 270, 60, 90, INK, 6)
    )
    cross = _rect(184, 120, 32, 90, PAPER, 4) + _rect(155, 149, 90, 32, PAPER, 4)
    outline = _line("M90 190L90 356L310 356L310 190", INK, 8)
    return house + cross + outline + _line("M20 366L380 366", LEAF, 14)


ART = {
    "glass": _glass,
    "germs": _germs,
    "path": _path,
    "cloth": _cloth,
    "pot": _pot,
    "drop": _chlorine,
    "sun": _sun,
    "jar": _jar,
    "hands": _hands,
    "ors": _ors,
    "sign": _sign,
}


def drawing(name: str) -> str:
    return svg(ART[name]())
