"""What a practice watches and what peers it names, as it may be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import SettingsError
from audit.settings import Settings
from audit.watchlist import Peer
from tests.practices import settings_of

PEER = """
[[peers]]
figure = "medicare/kx_patients"
value = "31 %"
of = "Ohio"
source = "CBR201702, table 3"
year = 2016
"""


def with_peers(folder: Path, text: str) -> Settings:
    """Return the settings of a practice whose `peers.toml` holds this text."""
    (folder / "peers.toml").write_text(text, encoding="utf-8")
    return settings_of(folder, 'peers = "peers.toml"')


def test_a_practice_changes_one_setting_of_a_target_and_keeps_the_others(tmp_path: Path) -> None:
    own = settings_of(
        tmp_path, "[targets.denials_by_payer]\nlargest = 5\n[targets.units]\nshow = false"
    ).targets
    assert own["denials_by_payer"].largest == 5
    assert own["denials_by_payer"].figure == "denials/first_rate/payer=*"
    assert not own["units"].show
    assert own["denials"].show


def test_a_practices_own_targets_follow_the_shipped_ones(tmp_path: Path) -> None:
    own = settings_of(tmp_path, '[targets.visits]\nfigure = "usage/visits"').targets
    assert list(own)[-2:] == ["units", "visits"]


def test_a_peers_file_is_found_beside_the_practices_own(tmp_path: Path) -> None:
    """Whatever folder the program is started in."""
    assert with_peers(tmp_path, PEER).peers == (
        Peer(figure="medicare/kx_patients", value="31 %", of="Ohio", source="CBR201702, table 3", year=2016),
    )
    assert settings_of(tmp_path, "").peers == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[targets.own]\nlargest = 2", '[targets] [own]: the key "figure" is missing; copy its name'),
        ("[targets.units]\nsow = false", '[targets] [units]: unknown key "sow"; did you mean "show"?'),
        ("[targets.units]\nlargest = 0", '"largest" must be a whole number of at least 1.'),
        ('peers = "none.toml"', "none.toml: cannot be read"),
    ],
)
def test_a_mistake_is_answered_by_the_file_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_of(tmp_path, text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PEER.replace("year = 2016", ""), 'peers.toml, [peers] entry 1: the key "year" is missing; add it.'),
        (
            PEER.replace('"CBR201702, table 3"', '""'),
            'peers.toml, [peers] entry 1: "source" must be filled in',
        ),
        (PEER.replace("source", "sorce"), '[peers] entry 1: unknown key "sorce"; did you mean "source"?'),
        (PEER.replace("2016", "16"), '"year" must be a whole number of at least 1990'),
        (PEER.replace('"31 %"', "31"), '"value" must be text in quotes'),
    ],
)
def test_a_peer_value_without_source_or_year_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        with_peers(tmp_path, text)
    assert said in str(refused.value)
