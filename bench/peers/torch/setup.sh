#!/bin/sh
# Makes the Python environment of the benchmark's PyTorch peers in the user's cache directory, where bench/participants.ts looks for it.
# The CPU build is taken where its index can be reached; else the one of PyPI, which brings some gigabytes for GPUs.
set -eu
version=2.13.0
folder="${XDG_CACHE_HOME:-$HOME/.cache}/ed2lc/bench/torch"
"${PYTHON:-python3}" -m venv "$folder"
pip="$folder/bin/python -m pip --disable-pip-version-check"
$pip install --quiet numpy
$pip install --retries 0 --timeout 10 --index-url https://download.pytorch.org/whl/cpu "torch==$version" ||
  $pip install "torch==$version"
"$folder/bin/python" -c 'import torch; print("PyTorch", torch.__version__, "in", torch.__file__)'
