"""A training script as people have them: PyTorch and MLflow, and not a word of the journal.

Trains a small network on 5,000 MNIST images, evaluates on its validation split after each epoch, and goes on
from its checkpoint where it was stopped.
"""

import argparse
from pathlib import Path

import mlflow
import torch
from digits import load
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--schedule", choices=["constant", "cosine"], default="constant")
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--classes", type=int, default=10)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--checkpoint", type=Path)
options = parser.parse_args()

torch.manual_seed(options.seed)
torch.set_num_threads(1)
train, validation = load()
model = nn.Sequential(nn.Flatten(), nn.Linear(784, options.width), nn.ReLU(), nn.Linear(options.width, options.classes))
optimizer = torch.optim.SGD(model.parameters(), lr=options.learning_rate)
scheduler = (
    torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs)
    if options.schedule == "cosine"
    else torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0)
)
epoch = 0
if options.checkpoint and options.checkpoint.exists():
    state = torch.load(options.checkpoint)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    epoch = state["epoch"]
    print(f"goes on after epoch {epoch}", flush=True)

with mlflow.start_run():
    if not epoch:
        mlflow.log_params({name: value for name, value in vars(options).items() if name != "checkpoint"})
    while epoch < options.epochs:
        model.train()
        order = torch.randperm(len(train.labels), generator=torch.Generator().manual_seed(1000 * options.seed + epoch))
        losses = []
        for batch in order.split(64):
            loss = nn.functional.cross_entropy(model(train.images[batch]), train.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        epoch += 1
        model.eval()
        with torch.no_grad():
            right = model(validation.images).argmax(1) == validation.labels
        accuracy, loss = right.float().mean().item(), sum(losses) / len(losses)
        mlflow.log_metrics({"train/loss": loss, "validation/accuracy": accuracy}, step=epoch)
        print(f"epoch {epoch}: train/loss {loss:.3f}, validation/accuracy {accuracy:.3f}", flush=True)
        if options.checkpoint:
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "scheduler": scheduler.state_dict(),
            }
            torch.save({**state, "epoch": epoch}, options.checkpoint)
