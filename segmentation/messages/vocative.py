"""First names as Poles are called by them: *Anna* is called *Anno*, *Marek* is called *Marku*.

The names most borne in Poland are listed by how their vocative is made; a name that is not listed is left as it
is, because a wrong ending is worse than none.
"""

from __future__ import annotations

#: What is cut from the end, what is put there, and the names it is done to.
_GROUPS = """
-a +o: Ada Adela Adrianna Agata Agnieszka Aleksandra Alicja Alina Amelia Anastazja Angelika Aniela Anita Anna
    Antonina Barbara Beata Bianka Blanka Bogumiła Bożena Celina Czesława Dagmara Danuta Daria Diana
    Dominika Dorota Edyta Eliza Elżbieta Emilia Emma Ewa Ewelina Felicja Gabriela Genowefa Grażyna
    Halina Hanna Helena Henryka Honorata Iga Ilona Irena Iwona Iza Izabela Jadwiga Jagoda Janina Joanna
    Jolanta Judyta Julia Julita Justyna Kalina Kamila Karina Karolina Katarzyna Kinga Klara Klaudia
    Kornelia Krystyna Laura Lena Lidia Liliana Liwia Łucja Luiza Magda Magdalena Malwina Małgorzata
    Marcelina Maria Marianna Mariola Marlena Marta Martyna Marzena Matylda Michalina Milena Mirosława
    Monika Nadia Natalia Natasza Nikola Nina Olga Oliwia Otylia Patrycja Paula Paulina Pola Regina
    Renata Roksana Róża Sabina Sandra Sara Sonia Stanisława Stefania Stella Sylwia Tamara Teresa Urszula
    Wanda Weronika Wiesława Wiktoria Wioletta Władysława Zofia Zuzanna Żaneta Kuba Barnaba Kosma
-a +u: Ania Asia Basia Bogusia Danusia Gabrysia Gosia Hania Ela Jola Kasia Krysia Madzia Maja Kaja Małgosia
    Marysia Ola Ala Ula Zosia Zuzia Tosia Lusia
- +ie: Adam Augustyn Adrian Alan Bohdan Bogdan Bogusław Bolesław Borys Bronisław Cyprian Czesław Damian
    Dobrosław Fabian Filip Florian Gracjan Gustaw Iwan Jakub Jan Jarosław Józef Julian Kajetan Klemens
    Krystian Krzysztof Leon Łucjan Maksymilian Marcin Marian Mieczysław Mirosław Natan Nikodem Olaf
    Oktawian Przemysław Radosław Roman Sebastian Stanisław Stefan Szczepan Szymon Tristan Tymon Wacław
    Wiesław Władysław Zbigniew Zdzisław Zenon
- +u: Andrzej Arkadiusz Bartosz Bartłomiej Błażej Daniel Dariusz Emil Eugeniusz Gabriel Grzegorz Ireneusz
    Janusz Kamil Karol Kazimierz Kornel Lech Łukasz Maciej Mariusz Mateusz Mikołaj Miłosz Samuel Tadeusz
    Tomasz Tymoteusz Wojciech Włodzimierz
-ł +le: Rafał Michał
- +ze: Artur Igor Oskar Piotr Sławomir Waldemar Wiktor
-t +cie: Albert Hubert Norbert Robert Zygmunt Benedykt
-st +ście: Ernest August
-d +dzie: Alfred Dawid Edward Edmund Gerard Konrad Leopold Ryszard Witold
-ek +ku: Franciszek Jacek Marek Leszek Jurek Wojtek Darek Tomek Bartek Radek Jarek Olek Czarek Sławek
-k +ku: Dominik Eryk Fryderyk Henryk Ludwik Patryk
-er +rze: Aleksander Kacper
-eł +le: Paweł
- +: Antoni Bruno Cezary Gniewko Hugo Ignacy Iwo Jerzy Ksawery Otto Walenty Konstanty
"""


def _listed() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _GROUPS.replace("\n    ", " ").strip().splitlines():
        how, _, names = group.partition(":")
        cut, put = (part[1:] for part in how.split(" "))
        found |= {name.casefold(): name.removesuffix(cut) + put for name in names.split()}
    return found


_CALLED = _listed()


def called(first_name: str) -> str:
    """Return how somebody is called by a first name; two names are called by the first of them.

    Examples
    --------
    >>> called("Anna"), called("MAREK"), called("Xawery")
    ('Anno', 'Marku', 'Xawery')
    """
    words = first_name.split()
    return _CALLED.get(words[0].casefold(), first_name) if words else ""
