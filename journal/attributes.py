"""What a network and its training have that one can change, and which of it an entry seems to be about. Pure.

An entry names its attribute where the person said so. Where nobody did, `guess` reads the text: it counts the
words that each attribute goes by. That is a guess, shown as one and never kept: "cosine" may be a schedule or a
similarity, and a text about two attributes is given to the one with more words, else to the one named first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from journal.errors import BadValue


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that can be changed: its name, other names that people type, and words that suggest it.

    Words are in lower case, without the s of a plural; several in a row are one phrase.
    """

    name: str
    aliases: tuple[str, ...]
    words: str


# In the order of the board: what goes in, what it goes through, what moves it, what holds it back, how it is judged.
ATTRIBUTES = (
    Attribute(
        "data",
        ("dataset", "datasets", "labels"),
        "data, dataset, label, labelling, labeling, split, sample, sampler, sampling, class balance, imbalance, "
        "oversampling, resampling, tokeniser, tokenizer, vocabulary, duplicate, deduplication, leakage, outlier, "
        "curriculum, shuffle, shuffling, subset, corpus, annotation, resolution, image size, sequence length",
    ),
    Attribute(
        "augmentation",
        ("augment", "augmentations"),
        "augmentation, augment, mixup, cutmix, cutout, randaugment, autoaugment, trivialaugment, flip, crop, rotation, "
        "rotate, jitter, color jitter, colour jitter, random erasing, elastic, affine, specaugment, noise injection",
    ),
    Attribute(
        "architecture",
        ("arch", "model", "network"),
        "architecture, arch, layer, depth, width, hidden, channel, kernel, filter, block, residual, skip connection, "
        "resnet, convnext, vit, transformer, attention, head, embedding, encoder, decoder, mlp, cnn, convolution, "
        "conv, rnn, lstm, gru, activation, relu, gelu, silu, swish, pooling, stride, unet, backbone, u net, "
        "bottleneck, positional encoding, rope, expert, moe, parameter count, squeeze excitation, "
        "patch size, model size",
    ),
    Attribute(
        "initialisation",
        ("initialization", "init", "initialise", "initialize"),
        "initialisation, initialization, init, initialise, initialize, initialised, initialized, xavier, glorot, "
        "kaiming, he init, orthogonal, fixup, zero init, pretrained, pretraining, checkpoint, warm start, finetune, "
        "fine tune, fine tuning, finetuning",
    ),
    Attribute(
        "normalisation",
        ("normalization", "norm", "normalise", "normalize"),
        "normalisation, normalization, norm, batchnorm, batch norm, batch normalisation, batch normalization, "
        "layernorm, layer norm, groupnorm, group norm, instancenorm, instance norm, rmsnorm, rms norm, weight norm, "
        "spectral norm, pre norm, post norm, whitening, standardise, standardize",
    ),
    Attribute(
        "loss",
        ("criterion", "objective", "losses"),
        "loss, criterion, objective, cross entropy, crossentropy, focal, mse, mae, huber, hinge, triplet, contrastive, "
        "infonce, kl divergence, dice, temperature, class weight, loss weight, auxiliary loss, distillation, distil, "
        "distill, reward",
    ),
    Attribute(
        "optimiser",
        ("optimizer", "optim", "optimisation", "optimization"),
        "optimiser, optimizer, optim, optimisation, optimization, sgd, momentum, nesterov, adam, adamw, adagrad, "
        "rmsprop, lamb, lars, lion, muon, shampoo, soap, sophia, adafactor, beta1, beta2, betas, lr, learning rate, "
        "batch size, batchsize, gradient accumulation, accumulation step, clip, clipping, gradient clipping, "
        "grad clip, lookahead, sam",
    ),
    Attribute(
        "schedule",
        ("scheduler", "lr schedule", "schedules"),
        "schedule, scheduler, cosine, warmup, warm up, cooldown, annealing, anneal, one cycle, onecycle, step decay, "
        "linear decay, lr decay, exponential decay, plateau, restart, early stopping, epoch, longer training, "
        "train longer, wsd",
    ),
    Attribute(
        "regularisation",
        ("regularization", "reg", "regularise", "regularize"),
        "regularisation, regularization, regulariser, regularizer, dropout, droppath, drop path, stochastic depth, "
        "weight decay, l1, l2, label smoothing, ema, weight averaging, swa, overfit, overfitting, sparsity, "
        "dropconnect",
    ),
    Attribute(
        "precision",
        ("amp", "dtype", "mixed precision"),
        "precision, mixed precision, amp, fp16, bf16, bfloat16, float16, fp32, float32, fp8, int8, tf32, "
        "half precision, quantisation, quantization, quantise, quantize, loss scaling, grad scaler, autocast",
    ),
    Attribute(
        "compression",
        ("pruning", "prune"),
        "pruning, prune, pruned, compression, compress, lottery ticket, low rank, lora, slim, smaller model, merge",
    ),
    Attribute(
        "evaluation",
        ("eval", "metric", "metrics", "validation"),
        "evaluation, evaluate, eval, metric, validation set, test set, cross validation, k fold, calibration, "
        "test time, tta, confusion matrix, benchmark, threshold, ensemble, ensembling",
    ),
)  # fmt: skip

NAMES = tuple(attribute.name for attribute in ATTRIBUTES)
_WORD = re.compile(r"[a-z0-9]+")
_LONGEST_TEXT = 20_000  # characters that are read
_SHORTEST_VALUE = 3  # a setting called "on" or "no" is in every text


def attribute_named(text: str) -> str:
    """The name of the attribute that a person typed, in British or American spelling. Raises BadValue."""
    found = known_name(text)
    if found is not None:
        return found
    from difflib import get_close_matches  # only a slip of the pen waits for it

    near = get_close_matches(_plain(text), list(_names()), n=1)
    meant = f"Did you mean {_names()[near[0]]}? " if near else ""
    raise BadValue(f"{text!r} is no attribute.", hint=f"{meant}Attributes are: {', '.join(NAMES)}.")


def known_name(text: str) -> str | None:
    """The same; None where it is none of ours, as a training script may have written anything."""
    return _names().get(_plain(text))


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())


@cache
def _names() -> dict[str, str]:
    return {name: each.name for each in ATTRIBUTES for name in (each.name, *each.aliases)}


def guess(text: str, params: Mapping[str, str] | None = None) -> str:
    """The attribute that `text` seems to be about, or an empty string where nothing suggests one.

    `params` are parameters of the runs that test it. A word of the text that is the value of one ("muon", of
    `optimizer`) counts for what the parameter's name suggests; most parameters are the same in every run, so
    their names alone count for nothing.
    """
    counts: dict[str, int] = {}
    for name in _suggested(text):
        counts[name] = counts.get(name, 0) + 1
    if not counts and params:
        words = {word for word in _words(text) if len(word) >= _SHORTEST_VALUE and not word.isdecimal()}
        for key, value in params.items():
            if value.lower() in words:
                for name in (*_suggested(key), *filter(None, [known_name(key)])):
                    counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: counts[name], default="")  # the first of those with as many


def _suggested(text: str) -> Iterator[str]:
    """An attribute for each word or phrase that suggests one, in the order of the text, the longest phrase first."""
    words = [_singular(word) for word in _words(text)]
    phrases, longest = _phrases()
    place = 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            name = phrases.get(tuple(words[place : place + length]))
            if name is not None:
                yield name
                place += length
                break
        else:
            place += 1


def _words(text: str) -> list[str]:
    return _WORD.findall(text[:_LONGEST_TEXT].lower())


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def _phrases() -> tuple[dict[tuple[str, ...], str], int]:
    """What suggests an attribute, as words, and how many words the longest of it has."""
    found = {
        tuple(map(_singular, phrase.split())): attribute.name
        for attribute in ATTRIBUTES
        for phrase in (*attribute.words.split(", "), *attribute.aliases)
    }
    return found, max(map(len, found))
