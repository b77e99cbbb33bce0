"""Reference experiments: list, run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui import context
from tui.commands.options import Json
from tui.formatting import counted
from tui.output import note, show_json, show_table

app = typer.Typer(help="Reference experiments on MNIST.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """List the experiments with the hypothesis of each."""
    from experiments.names import EXPERIMENTS

    if json:
        show_json(EXPERIMENTS)
    else:
        show_table(
            ("name", "what", "hypothesis"),
            [(experiment.name, experiment.summary, experiment.hypothesis) for experiment in EXPERIMENTS],
        )


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def run(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The experiment; 'journal experiment list' names them.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with the four MNIST files; default: LABJOURNAL_MNIST, or 5,000 bundled images."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the split, the initial weights and the order.")] = 0,
) -> None:
    """Run an experiment in a process of its own. Further options go to its script as they are."""
    from experiments.names import named
    from tui.commands.items import print_item
    from tui.experiment_process import run_experiment

    experiment = named(name)
    folder = data or (Path(context.settings().mnist) if context.settings().mnist else None)
    arguments = ["--seed", str(seed), *(["--data", str(folder)] if folder else []), *ctx.args]
    ended = run_experiment(context.begin(), context.settings(), experiment, arguments)
    for ref in ended.runs:
        print_item(str(ref))
    context.remember_made(ended.runs)
    if ended.exit_code == 130:
        raise typer.Exit(130)
    if ended.exit_code:
        note(f"{name} ended with exit code {ended.exit_code}; {counted(len(ended.runs), 'run')} kept.")
        raise typer.Exit(ended.exit_code)
