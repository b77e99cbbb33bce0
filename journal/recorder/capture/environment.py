"""The variables that change what a training comes to. Never the whole environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journal.recorder.capture.secrets import redacted_environment

_LONGEST_VALUE = 4_000
_NAMES = frozenset({
    "CUDA_HOME", "CUDA_PATH", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS", "KMP_AFFINITY", "KMP_BLOCKTIME", "GOMP_CPU_AFFINITY", "RANK", "WORLD_SIZE", "LOCAL_RANK",
    "LOCAL_WORLD_SIZE", "GROUP_RANK", "NODE_RANK", "NPROC_PER_NODE", "PYTHONHASHSEED", "PYTHONPATH",
    "PYTHONOPTIMIZE", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONHOME",
    "CUBLAS_WORKSPACE_CONFIG", "LD_LIBRARY_PATH", "LD_PRELOAD", "VIRTUAL_ENV", "CONDA_DEFAULT_ENV", "CONDA_PREFIX",
    "UV_PROJECT_ENVIRONMENT", "TOKENIZERS_PARALLELISM", "NVIDIA_TF32_OVERRIDE", "NVIDIA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ACCELERATE_USE_FSDP", "ACCELERATE_MIXED_PRECISION", "CC", "CXX",
    "CFLAGS", "CXXFLAGS", "MALLOC_CONF", "TZ", "LANG", "LC_ALL",
})  # fmt: skip
_PREFIXES = (
    "CUDA_", "CUDNN_", "OMP_", "MKL_", "PYTORCH_", "TORCH_", "TORCHINDUCTOR_", "TRITON_", "NCCL_", "GLOO_", "UCX_",
    "XLA_", "JAX_", "TF_", "KERAS_", "HF_", "TRANSFORMERS_", "DATASETS_", "SLURM_", "PBS_", "MASTER_",
    "TORCHELASTIC_", "DS_", "DEEPSPEED_", "RAY_", "MLFLOW_", "WANDB_", "HSA_", "MIOPEN_", "LABJOURNAL_",
)  # fmt: skip
# What names one process and no circumstance, or is long and says nothing.
_LEFT_OUT = frozenset({
    "LABJOURNAL_NOTE", "LABJOURNAL_SESSION", "LABJOURNAL_ENTRY", "MLFLOW_RUN_CONTEXT", "MLFLOW_TRACKING_USERNAME",
    "SLURM_CPU_BIND_LIST", "SLURM_TOPOLOGY_ADDR", "SLURM_TASK_PID",
})  # fmt: skip


def chosen_environment(environ: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    """The section `environment`: chosen variables, without secrets."""
    chosen = {
        name: value[:_LONGEST_VALUE]
        for name, value in sorted(environ.items())
        if (name in _NAMES or name.startswith(_PREFIXES)) and name not in _LEFT_OUT
    }
    return redacted_environment(chosen, known)
