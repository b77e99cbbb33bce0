"""A training is the same, bit for bit, with the journal and without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.bit_identity import digests


@pytest.mark.training
def test_weights_losses_and_random_numbers_are_the_same(tmp_path: Path):
    pytest.importorskip("torch")
    pytest.importorskip("mlflow")
    bare, recorded = digests(tmp_path)
    assert bare == recorded
    assert len(set(bare.values())) == 5
