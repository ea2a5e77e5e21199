"""Figures as plain dictionaries: what they draw, in which placeholder, with which words."""

from __future__ import annotations

from app import charts, palette


def traces(figure) -> list[dict]:
    return figure.to_dict()["data"]


def pace(today: list[float | None], hours: int = 8) -> dict:
    names = [f"{8 + n:02}:00" for n in range(hours)]
    usual = [100.0 * n for n in range(hours)]
    figure = charts.pace(
        charts.Pace(
            hours=names, today=today, usual=usual, low=[u / 2 for u in usual], high=[u * 2 for u in usual],
            ticks=([0, 500], ["£0", "£5"]), words=("today", "usual Thursday"), hover=(["x"] * hours, ["y"] * hours),
        )
    )  # fmt: skip
    return figure.to_dict()


def test_the_pace_shows_a_closed_band_a_dotted_usual_and_a_thick_today() -> None:
    band, usual, today = pace([0, 50, 90, None, None, None, None, None])["data"]
    assert (band["fill"], band["mode"], band["opacity"]) == ("toself", "none", 0.15)
    assert len(band["x"]) == 16
    assert usual["line"]["dash"] == "dot"
    assert (today["line"]["width"], today["line"]["color"]) == (3, palette.OURS)


def test_both_lines_of_the_pace_are_labelled_directly() -> None:
    texts = [a["text"] for a in pace([0, 50, 90, None, None, None, None, None])["layout"]["annotations"]]
    assert texts == ["usual<br>Thursday", "today"]


def test_in_the_evening_today_is_labelled_clear_of_the_usual_line() -> None:
    labels = pace([float(50 * n) for n in range(8)])["layout"]["annotations"]
    assert labels[1]["yshift"] == -16


def test_bars_stack_channels_in_their_colours_over_a_zero_baseline() -> None:
    series = [
        charts.Series("Web", [1, 2], palette.of_position(0)),
        charts.Series("Export", [3, 4], palette.of_position(1)),
    ]
    figure = charts.bars(["a", "b"], series, ticks=([0, 5], ["£0", "£5"])).to_dict()
    assert [t["marker"]["color"] for t in figure["data"]] == list(palette.CATEGORIES[:2])
    assert figure["layout"]["barmode"] == "relative"
    assert figure["layout"]["yaxis"]["rangemode"] == "tozero"
    assert figure["layout"]["yaxis"]["ticktext"] == ["£0", "£5"]
    assert figure["layout"]["showlegend"]


def test_one_series_needs_no_legend() -> None:
    figure = charts.bars(["a"], [charts.Series("Web", [1])], ticks=([0], ["0"])).to_dict()
    assert not figure["layout"]["showlegend"]


def test_a_waterfall_starts_each_step_where_the_last_ended() -> None:
    (bars,) = traces(
        charts.waterfall(["Gross", "Returns", "Total"], [100, -30, 70], ["a", "b", "c"], ticks=([0], ["0"]))
    )
    assert bars["base"] == [0, 100, 0]
    assert bars["marker"]["color"] == [palette.NEUTRAL, palette.SECOND, palette.NEUTRAL]


def test_a_ranking_prints_its_numbers_and_keeps_every_name() -> None:
    figure = charts.ranking(["PL", "DE"], charts.Series("Net", [2, 1]), texts=["2", "1"]).to_dict()
    assert figure["data"][0]["text"] == ["2", "1"]
    assert figure["layout"]["yaxis"]["dtick"] == 1


def test_a_trend_compares_with_a_thin_dotted_line() -> None:
    now, before = charts.Series("now", [1, None, 3]), charts.Series("before", [2, 2, 2], palette.NEUTRAL)
    first, second = traces(charts.trend([1, 2, 3], now, before, ticks=([0], ["0"])))
    assert (first["line"]["dash"], second["line"]["dash"]) == ("dot", "solid")
    assert second["connectgaps"] is False


def test_no_figure_holds_a_colour_of_its_own() -> None:
    drawn = str(pace([0.0] * 8)) + str(charts.bars(["a"], [charts.Series("Web", [1])], ticks=([0], ["0"])).to_dict())
    hexes = {word for word in drawn.replace("'", " ").split() if word.startswith("#")}
    assert {h.strip(",[]()") for h in hexes} <= {f"#{n:06}" for n in range(1, 41)}
