"""The network in PyTorch, as a process of the benchmark: one JSON request per line on standard input, one answer on standard output.

    python peer.py FOLDER (eager|compiled) (nchw|channels_last) [THREADS]

Speaks what bench/protocol.ts describes. FOLDER holds what bench/problem.ts wrote.
"""

import json
import re
import resource
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DTYPES = {"F32": np.float32}


def read_tensors(path):
    """Safetensors: a length, a header in JSON, then the numbers."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        array = np.frombuffer(data[start:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors


def write_tensors(path, tensors):
    header, blobs, offset = {}, [], 0
    for name, tensor in tensors.items():
        blob = tensor.contiguous().numpy().astype(np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def image_of(nhwc, layout):
    """With one channel both layouts are the same numbers, and only strides tell PyTorch which of its kernels to take."""
    image = nhwc.permute(0, 3, 1, 2)
    n, channels, height, width = image.shape
    if layout == torch.channels_last or channels > 1:
        return image.contiguous(memory_format=layout)
    return nhwc.reshape(n, channels, height, width)


class Unit(nn.Module):
    def __init__(self, channels, filters, stride, norm):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.batch_norm = nn.BatchNorm2d(filters, eps=norm["epsilon"], momentum=norm["momentum"])
        self.prelu = nn.PReLU(filters)

    def forward(self, x):
        return self.prelu(self.batch_norm(self.conv(x)))


class Stage(nn.Module):
    def __init__(self, channels, filters, units, norm):
        super().__init__()
        self.down = Unit(channels, filters, 2, norm)
        self.first = nn.ModuleList(Unit(filters, filters, 1, norm) for _ in range(units))
        self.second = nn.ModuleList(Unit(filters, filters, 1, norm) for _ in range(units))

    def forward(self, x):
        x = self.down(x)
        for first, second in zip(self.first, self.second):
            x = x + second(first(x))
        return x

    def named_units(self, path):
        yield f"{path}.down", self.down
        for i, (first, second) in enumerate(zip(self.first, self.second)):
            yield f"{path}.unit" + ("" if i == 0 else f"_{2 * i + 1}"), first
            yield f"{path}.unit_{2 * i + 2}", second


class Branch(nn.Module):
    def __init__(self, channels, filters, features, pixels, norm):
        super().__init__()
        self.stage = Stage(channels, filters, 1, norm)
        self.dense = nn.Linear(filters * pixels, features)

    def forward(self, x):
        return self.dense(torch.flatten(self.stage(x), 1))


class Network(nn.Module):
    def __init__(self, numbers, norm):
        super().__init__()
        filters = numbers["filters"]
        units = [1, numbers["middle"], numbers["last"]]
        self.numbers = numbers
        self.base = nn.ModuleList(
            Stage(1 if i == 0 else filters * 2 ** (i - 1), filters * 2**i, n, norm) for i, n in enumerate(units)
        )
        self.rows, self.columns = numbers["height"] // 16, numbers["width"] // 16
        branch = lambda: Branch(4 * filters, 8 * filters, numbers["features"], self.rows * self.columns, norm)
        self.distiller, self.dispelling = branch(), branch()
        self.classifier = nn.Parameter(torch.empty(numbers["features"], numbers["classes"]))
        self.dispeller = nn.Linear(numbers["features"], numbers["classes"])

    def shared(self, face):
        for stage in self.base:
            face = stage(face)
        return face

    def cosines(self, features):
        return F.normalize(features) @ F.normalize(self.classifier, dim=0)

    def losses(self, face, expression):
        """The routes of ED2L with one forward and one backward pass: `detach` cuts what a loss does not update."""
        numbers = self.numbers
        shared = self.shared(face)
        distilled, dispelled = self.distiller(shared), self.dispelling(shared)
        hot = F.one_hot(expression, numbers["classes"]).to(distilled.dtype)
        l_t = F.cross_entropy(numbers["scale"] * (self.cosines(distilled) - numbers["margin"] * hot), expression)
        l_a = F.cross_entropy(self.dispeller(dispelled.detach()), expression)
        deceived = F.linear(dispelled, self.dispeller.weight.detach(), self.dispeller.bias.detach())
        l_p = -F.log_softmax(deceived, dim=1).mean()
        return l_t, l_a, l_p, numbers["lambda_t"] * l_t + numbers["lambda_p"] * (l_a + l_p)

    def forward(self, face):
        return F.softmax(self.numbers["scale"] * self.cosines(self.distiller(self.shared(face))), dim=1)

    def units(self):
        for i, stage in enumerate(self.base):
            yield from stage.named_units("base.stage" + ("" if i == 0 else f"_{i + 1}"))
        yield from self.distiller.stage.named_units("distiller.stage")
        yield from self.dispelling.stage.named_units("dispelling.stage")

    def named_by_path(self):
        """(path of the spec, parameter or statistic, to the spec's layout, from it)."""
        same = (lambda t: t, lambda t: t)
        turned = (lambda t: t.t(), lambda t: t.t())
        kernel = (lambda t: t.permute(2, 3, 1, 0), lambda t: t.permute(3, 2, 0, 1))
        rows, columns = self.rows, self.columns

        def flat_to(t):
            filters = t.shape[1] // (rows * columns)
            return t.reshape(-1, filters, rows, columns).permute(2, 3, 1, 0).reshape(-1, t.shape[0])

        def flat_from(t):
            filters = t.shape[0] // (rows * columns)
            return t.reshape(rows, columns, filters, -1).permute(3, 2, 0, 1).reshape(t.shape[1], -1)

        for path, unit in self.units():
            yield f"{path}.conv.kernel", unit.conv.weight, *kernel
            yield f"{path}.batch_norm.gamma", unit.batch_norm.weight, *same
            yield f"{path}.batch_norm.beta", unit.batch_norm.bias, *same
            yield f"{path}.batch_norm.mean", unit.batch_norm.running_mean, *same
            yield f"{path}.batch_norm.variance", unit.batch_norm.running_var, *same
            yield f"{path}.prelu.slope", unit.prelu.weight, *same
        for path, branch in ("distiller", self.distiller), ("dispelling", self.dispelling):
            yield f"{path}.dense.kernel", branch.dense.weight, flat_to, flat_from
            yield f"{path}.dense.bias", branch.dense.bias, *same
        yield "classifier.kernel", self.classifier, *same
        yield "dispeller.kernel", self.dispeller.weight, *turned
        yield "dispeller.bias", self.dispeller.bias, *same


class Peer:
    def __init__(self, folder, mode, form):
        problem = json.load(open(f"{folder}/problem.json"))
        self.format = torch.channels_last if form == "channels_last" else torch.contiguous_format
        self.kernels = problem["kernels"]
        self.operands = {}
        self.network = Network(problem["numbers"], problem["batchNorm"])
        self.weights = read_tensors(f"{folder}/weights.safetensors")
        self.to_first_weights()
        self.network.to(memory_format=self.format)
        tensors = read_tensors(f"{folder}/batches.safetensors")
        self.batches = [
            (image_of(tensors[f"face.{i}"], self.format), tensors[f"expression.{i}"].long())
            for i in range(problem["batches"])
        ]
        adam = problem["adam"]
        self.optimizer = torch.optim.Adam(
            self.network.parameters(),
            lr=problem["numbers"]["rate"],
            betas=(adam["beta1"], adam["beta2"]),
            eps=adam["epsilon"],
            weight_decay=adam["decay"],
            fused=True,
        )
        compiled = mode == "compiled"
        self.losses = torch.compile(self.network.losses) if compiled else self.network.losses
        self.predict = torch.compile(self.network.forward) if compiled else self.network.forward
        self.iteration = 0

    def to_first_weights(self):
        with torch.no_grad():
            for path, own, _, back in self.network.named_by_path():
                own.copy_(back(self.weights[path]))

    def predictions(self):
        self.network.eval()
        with torch.inference_mode():
            return self.predict(self.batches[0][0])

    def backward(self, batch=0):
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        *losses, total = self.losses(*self.batches[batch])
        total.backward()
        return losses

    def step(self):
        losses = self.backward(self.iteration % len(self.batches))
        self.iteration += 1
        self.optimizer.step()
        return {name: loss.item() for name, loss in zip(("l_t", "l_a", "l_p"), losses)}

    def gradients(self, path):
        self.to_first_weights()
        self.backward()
        found = {
            name: to(own.grad)
            for name, own, to, _ in self.network.named_by_path()
            if isinstance(own, nn.Parameter)
        }
        write_tensors(path, found)

    def kernel(self, index, form):
        if (index, form) not in self.operands:
            self.operands[index, form] = self.prepare(self.kernels[index], form)
        with torch.inference_mode():
            self.operands[index, form]()

    def prepare(self, kernel, form):
        layout = torch.channels_last if form == "channels_last" else torch.contiguous_format
        shapes, op = kernel["shapes"], kernel["op"]
        image = lambda shape: torch.rand(shape[0], shape[3], shape[1], shape[2]).contiguous(memory_format=layout)
        weight = lambda shape: torch.rand(shape[3], shape[2], shape[0], shape[1]).contiguous(memory_format=layout)
        vector = lambda shape: torch.rand(shape)
        stride, pad = [kernel["stride"]] * 2, [kernel["pad"]] * 2
        back = torch.ops.aten.convolution_backward
        if op == "conv2d":
            x, w = image(shapes[0]), weight(shapes[1])
            return lambda: F.conv2d(x, w, None, stride, pad)
        if op == "conv2d_grad_input":
            dy, w, x = image(shapes[0]), weight(shapes[1]), image(kernel["result"])
            return lambda: back(dy, x, w, None, stride, pad, [1, 1], False, [0, 0], 1, [True, False, False])
        if op == "conv2d_grad_kernel":
            x, dy, w = image(shapes[0]), image(shapes[1]), weight(kernel["result"])
            return lambda: back(dy, x, w, None, stride, pad, [1, 1], False, [0, 0], 1, [False, True, False])
        if op == "batch_norm_train":
            x, gamma, beta = image(shapes[0]), vector(shapes[1]), vector(shapes[2])
            return lambda: torch.native_batch_norm(x, gamma, beta, None, None, True, 0.1, 1e-5)
        if op == "batch_norm_grad":
            dy, x, gamma = image(shapes[0]), image(shapes[1]), vector(shapes[2])
            _, mean, inverse = torch.native_batch_norm(x, gamma, gamma, None, None, True, 0.1, 1e-5)
            return lambda: torch.ops.aten.native_batch_norm_backward(
                dy, x, gamma, None, None, mean, inverse, True, 1e-5, [True, True, True]
            )
        if op == "prelu":
            x, slope = image(shapes[0]), vector(shapes[1])
            return lambda: F.prelu(x, slope)
        dy, x, slope = image(shapes[0]), image(shapes[1]), vector(shapes[2]).reshape(1, -1, 1, 1)
        return lambda: torch.ops.aten._prelu_kernel_backward(dy, x, slope.expand_as(x))

    def answer(self, request):
        kind = request["do"]
        if kind == "predictions":
            self.to_first_weights()
            return {"predictions": self.predictions().flatten().tolist()}
        if kind == "gradients":
            self.gradients(request["path"])
            return {}
        if kind == "losses":
            return {"losses": [self.step() for _ in range(request["steps"])]}
        if kind == "memory":
            return {"peak": peak_memory()}
        run = {
            "step": self.step,
            "backward": self.backward,
            "inference": self.predictions,
            "kernel": lambda: self.kernel(request["kernel"], request.get("form")),
        }[kind]
        return {"ms": [milliseconds(run) for _ in range(request["times"])]}


def versions():
    onednn = re.search(r"MKL-DNN v([\d.]+)", torch.__config__.show())
    parts = [f"PyTorch {torch.__version__}", f"oneDNN {onednn[1]}" if onednn else "no oneDNN"]
    return ", ".join([*parts, torch.backends.cpu.get_cpu_capability(), f"Python {sys.version.split()[0]}"])


def milliseconds(run):
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1e3


def peak_memory():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    folder, mode, form, *threads = sys.argv[1:]
    # Standard output is for answers alone.
    answers, sys.stdout = sys.stdout, sys.stderr
    say = lambda answer: print(json.dumps(answer), file=answers, flush=True)
    if threads:
        torch.set_num_threads(int(threads[0]))
    start = peak_memory()
    try:
        peer = Peer(folder, mode, form)
    except Exception as error:
        say({"error": str(error)})
        return
    say({"about": versions(), "threads": torch.get_num_threads(), "start": start})
    for line in sys.stdin:
        try:
            say(peer.answer(json.loads(line)))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


main()
