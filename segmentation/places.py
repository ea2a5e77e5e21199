"""Countries by ISO 3166-1 code: what counts as Europe and as the European Union."""

from __future__ import annotations

#: The 27 member states.
EUROPEAN_UNION = frozenset(
    {
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU",
        "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
    }
)  # fmt: skip

#: Europe as the United Nations group it (M49), with Cyprus (a member of the Union) and Kosovo, without overseas
#: territories; Turkey and the Caucasus are counted as Asia there. ``EU`` is what some files write for an
#: unnamed member state.
EUROPE = EUROPEAN_UNION | {
    "AD", "AL", "AX", "BA", "BY", "CH", "EU", "FO", "GB", "GG", "GI", "IM", "IS", "JE", "LI", "MC", "MD", "ME",
    "MK", "NO", "RS", "RU", "SJ", "SM", "UA", "VA", "XK",
}  # fmt: skip
