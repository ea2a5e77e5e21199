"""The theme's colours, recomputed: contrast against the page, distances as colour-blind eyes see them."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from app import palette
from app.charts_customers import Cell, inked, matrix

CONFIG = tomllib.loads((Path(palette.__file__).parent / ".streamlit/config.toml").read_text(encoding="utf-8"))
THEMES = {mode: CONFIG["theme"][mode] for mode in ("light", "dark")}
#: Full dichromacy in linear RGB (Machado, Oliveira, Fernandes 2009, severity 1).
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
HUES = ("red", "orange", "yellow", "green", "blue", "violet", "gray")


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    t = xyz / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(a: str, b: str, sight: str) -> float:
    seen = [lab(np.clip(SIGHT[sight] @ linear(c), 0, 1)) for c in (a, b)]
    return float(np.linalg.norm(seen[0] - seen[1]))


@pytest.mark.parametrize("mode", THEMES)
def test_text_is_readable(mode: str) -> None:
    theme = THEMES[mode]
    assert contrast(theme["textColor"], theme["backgroundColor"]) >= 15
    assert contrast(theme["linkColor"], theme["backgroundColor"]) >= 4.5
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
    assert contrast(theme["dataframeHeaderTextColor"], theme["dataframeHeaderBackgroundColor"]) >= 4.5


@pytest.mark.parametrize("mode", THEMES)
@pytest.mark.parametrize("hue", HUES)
def test_a_badge_is_readable_on_its_tint(mode: str, hue: str) -> None:
    theme = THEMES[mode]
    assert contrast(theme[f"{hue}TextColor"], theme[f"{hue}BackgroundColor"]) >= 4.5


@pytest.mark.parametrize("mode", THEMES)
def test_chart_colours_stand_out_from_the_page(mode: str) -> None:
    theme = THEMES[mode]
    assert min(contrast(c, theme["backgroundColor"]) for c in theme["chartCategoricalColors"]) >= 3


@pytest.mark.parametrize("mode", THEMES)
@pytest.mark.parametrize("sight", SIGHT)
def test_channels_are_told_apart_by_every_eye(mode: str, sight: str) -> None:
    pairs = itertools.combinations(THEMES[mode]["chartCategoricalColors"], 2)
    assert min(distance(a, b, sight) for a, b in pairs) >= (12 if sight != "normal" else 30)


@pytest.mark.parametrize("mode", THEMES)
def test_the_sequential_scale_has_ten_even_steps_of_one_direction(mode: str) -> None:
    light = [lab(linear(c))[0] for c in THEMES[mode]["chartSequentialColors"]]
    steps = np.diff(light)
    assert len(light) == 10
    assert (steps < 0).all() if mode == "light" else (steps > 0).all()


def test_the_placeholders_still_exist_in_streamlit() -> None:
    assert len(set(palette.CATEGORIES)) == 5
    assert palette.of_position(0) == palette.OURS
    assert palette.of_position(9) == palette.NEUTRAL


def test_fonts_are_served_by_ourselves_and_exist() -> None:
    folder = Path(palette.__file__).parent
    for face in CONFIG["theme"]["fontFaces"]:
        assert (folder / face["url"].removeprefix("app/")).is_file()
    assert (folder / "static/fonts/OFL.txt").is_file()


@pytest.mark.parametrize("mode", THEMES)
def test_the_text_of_a_matrix_is_readable_on_every_cell(mode: str) -> None:
    """The text turns where the page's colour reads better than ink: at another step in each theme."""
    theme = THEMES[mode]
    strengths = [n / 100 for n in range(101)]
    cells = [Cell(str(n), "a", strength, "1", "") for n, strength in enumerate(strengths)]
    drawn = inked(matrix([cell.x for cell in cells], ["a"], cells), mode)
    written = {palette.PAGE: theme["backgroundColor"], palette.INK: theme["textColor"]}
    contrasts = [
        contrast(written[note.font.color], shade(theme["chartSequentialColors"], strength))
        for note, strength in zip(drawn.layout.annotations, strengths, strict=True)
    ]
    assert min(contrasts) > 3.8


def shade(steps: list[str], strength: float) -> str:
    """Return the colour between two steps, as the browser mixes it."""
    below = min(int(strength * 9), 8)
    part = strength * 9 - below
    ends = [[int(steps[n][i : i + 2], 16) for i in (1, 3, 5)] for n in (below, below + 1)]
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(*ends, strict=True))
