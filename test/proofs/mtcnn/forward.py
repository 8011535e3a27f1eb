"""The three networks of MTCNN in numpy, from the published manifest, width-major as they were learned.

forward.py WEIGHTS CASES: for each CASES/N.json {"net", "shape": [count, height, width, 3]} with pixels in CASES/N.f32, writes
the raw answers to CASES/N.out, one row per window. Shares nothing with the TypeScript but the files.
"""
import glob, json, os, sys
import numpy as np


def load(folder):
    (group,) = json.load(open(os.path.join(folder, "mtcnn_model-weights_manifest.json")))
    data = np.concatenate([np.fromfile(os.path.join(folder, p), "<f4") for p in group["paths"]])
    weights, at = {}, 0
    for w in group["weights"]:
        n = int(np.prod(w["shape"]))
        weights[w["name"]] = data[at : at + n].reshape(w["shape"]).astype(np.float64)
        at += n
    return weights


def conv(x, w, b):
    k, l = w.shape[:2]
    view = np.lib.stride_tricks.sliding_window_view(x, (k, l), axis=(1, 2))  # n, i, j, c, a, b
    return np.einsum("nijcab,abcf->nijf", view, w, optimize=True) + b


def prelu(x, a):
    return np.where(x > 0, x, a * x)


def pool(x, k):
    """Caffe's: windows rounded up, the last ones cut off."""
    pads = [(0, 0)] + [(0, (-(-(n - k) // 2) * 2 + k - n)) for n in x.shape[1:3]] + [(0, 0)]
    x = np.pad(x, pads, constant_values=-np.inf)
    view = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
    return view[:, ::2, ::2].max(axis=(-1, -2))


POOLS = {"pnet": [2, 0, 0], "rnet": [3, 3, 0], "onet": [3, 3, 2, 0]}


def forward(net, x, w):
    x = x.transpose(0, 2, 1, 3)
    for i, k in enumerate(POOLS[net], 1):
        x = conv(x, w[f"{net}/conv{i}/weights"], w[f"{net}/conv{i}/bias"])
        x = prelu(x, w[f"{net}/prelu{i}_alpha"])
        if k:
            x = pool(x, k)
    if net == "pnet":
        heads = [conv(x, w[f"pnet/conv4_{i}/weights"], w[f"pnet/conv4_{i}/bias"]) for i in (1, 2)]
        return np.concatenate(heads, -1).transpose(0, 2, 1, 3).reshape(-1, 6)
    x = x.reshape(len(x), -1) @ w[f"{net}/fc1/weights"] + w[f"{net}/fc1/bias"]
    x = prelu(x, w[f"{net}/prelu{len(POOLS[net]) + 1}_alpha"])
    return np.concatenate(
        [x @ w[f"{net}/fc2_{i}/weights"] + w[f"{net}/fc2_{i}/bias"] for i in ((1, 2) if net == "rnet" else (1, 2, 3))], -1
    )


weights = load(sys.argv[1])
for file in glob.glob(os.path.join(sys.argv[2], "*.json")):
    case = json.load(open(file))
    pixels = np.fromfile(file[:-4] + "f32", "<f4").reshape(case["shape"]).astype(np.float64)
    forward(case["net"], pixels, weights).astype("<f4").tofile(file[:-4] + "out")
