"""Recording what the layers of a PyTorch network do with their samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._arrays import as_rng
from topolens._calls import Progress, memory_limit

if TYPE_CHECKING:
    import torch

    from topolens.layers._recording import Recording
    from topolens.torch._reading import Output, Reduction
    from topolens.torch._selection import Layers


def record(
    model: torch.nn.Module,
    loader: Any,
    layers: Layers = "auto",
    *,
    max_samples: int = 2000,
    rng: int | np.random.Generator | None = None,
    reduce: Reduction | Mapping[str, Reduction] = "flatten",
    output: Output = None,
    device: torch.device | str | None = None,
    max_memory: float | None = None,
    progress: Progress = False,
    untrained: Callable[[], torch.nn.Module] | None = None,
) -> Recording:
    """Record the activations of the same samples in several layers of a PyTorch network.

    The model runs in evaluation mode and without gradients. It is left as it was, with its
    training flags, hooks and device, and so is PyTorch's random state, also after an error.

    Parameters
    ----------
    model : torch.nn.Module
        The network. Of a compiled module the original is run. A `ScriptModule` is refused.
    loader : iterable of batches, one batch, tensor, array, or tuple (X, y) of two of these
        A batch is ``x``, ``(x, y)`` or a dictionary of keyword arguments of the model, where
        ``x`` may be such a dictionary too; the labels of a dictionary are its ``"labels"`` or
        ``"label"``, which the model does not get. What a Hugging Face tokenizer returns is a
        batch. It is read once, to its end. NumPy floats are
        cast to the type of the model's parameters, tensors are taken as they are.
    layers : "auto", list of str, str or callable, default "auto"
        The layers to record. ``"auto"``: the input, what `Notes` says, and the output. List:
        names as in `torch.nn.Module.named_modules`, and ``"input"`` and ``"output"``. String:
        a glob for those names, such as ``"features.*"``, whose ``*`` matches dots too. Callable:
        called with the name and the module of each layer, tells whether to record it.
    max_samples : int, default 2000
        Number of samples to record. Of more than these, as many are chosen uniformly without
        replacement, before the model runs; each layer shows the same ones.
    rng : int, numpy.random.Generator or None, default None
        Seed of that choice, which depends on nothing but this and the number of samples.
    reduce : {"flatten", "mean", "cls", "last"}, callable or dict, default "flatten"
        How a sample's activations become one row. ``"mean"``: over the tokens of shape
        (n, tokens, features), and over the positions of (n, channels, ...) with four axes or
        more. ``"cls"`` and ``"last"``: the first and last token. These three leave layers with two
        axes as they are. Callable: takes the float32 tensor and returns one with as many rows.
        Dictionary: from names or globs of layers to one of these; the others are flattened.
        ``"mean"``, ``"cls"`` and ``"last"`` leave padding out, where the inputs tell it by an
        ``attention_mask`` (0 at padding) or a ``src_key_padding_mask`` (True at padding).
    output : callable, dict or None, default None
        Where a layer's tensor is, if not the first one in its tuple, dictionary or
        ``ModelOutput``. Callable: takes the layer's name and its result. Dictionary: from names
        or globs of layers to callables that take the result.
    device : torch.device, str or None, default None
        Where to run the model, which is moved there and back. None: where it is.
    max_memory : float or None, default None
        Largest size of the recording in bytes. None: the memory that is available.
    progress : bool or callable, default False
        Show a bar over the samples, or call ``progress(done, total)`` after each batch.
    untrained : callable, Module or None, default None
        What makes the control of `Recording.untrained`: a function without arguments, or a class,
        that returns a fresh model of the same layers, such as ``lambda: resnet18(num_classes=10)``.
        The surest control, and the only one for models whose ``__init__`` draws weights itself.

    Returns
    -------
    Recording
        A mapping from layer name to float32 array of shape (n_samples, features), in the order
        of execution, with labels, predictions and positions of the samples. The second call of
        a module in one forward pass is named ``"relu#1"``.

    Raises
    ------
    TypeError
        If the model or loader is of another kind, or a layer gives no tensor or a complex one.
    ValueError
        If no layer is selected or a name is unknown, if a layer has the batch not on its first
        axis, or if its shape or number of calls differs between batches.
    MemoryError
        If the recording would be larger than `max_memory`; the message says what would fit.

    See Also
    --------
    topolens.layers.Recording : What it returns.
    topolens.layers.analyse : Measures it.
    TrajectoryRecorder : Weights during training.

    Notes
    -----
    ``layers="auto"`` records the first of these that the network has:

    1. blocks: modules with parts (other than `Sequential`, `ModuleList` and `ModuleDict`) whose
       class occurs more than once, such as residual blocks or transformer layers; of nested
       ones the outermost;
    2. activations: modules such as `ReLU`, `Tanh` or `GELU`, but not softmax, and with them
       recurrent modules;
    3. layers with parameters, as in networks that call `torch.nn.functional.relu`, where a
       layer is seen before its activation; recurrent modules and embeddings are among them.

    A layer whose result is the network's output is then listed as ``"output"`` only. Numbers of
    tokens, integers in a model with `Embedding`, are left out as the input: between names there
    is no distance. The module that embeds them can be asked for by its name.

    ``"input"`` and ``"output"`` always mean the ends of the network; a direct child with such a
    name is listed as ``"output#1"``. Activations are kept as float32 whatever their type;
    integers such as token numbers are cast. The chosen samples go through the model in batches of
    at most 256, no larger than the loader's. Their inputs and the model stay with the recording,
    for `Recording.untrained`.

    Examples
    --------
    >>> import torch
    >>> from topolens.torch import record
    >>> model = torch.nn.Sequential(
    ...     torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
    ... )
    >>> recording = record(model, torch.rand(100, 2), max_samples=50, rng=0)
    >>> {layer: array.shape for layer, array in recording.items()}
    {'input': (50, 2), '1': (50, 8), 'output': (50, 3)}
    """
    from topolens.torch._batches import choose_samples
    from topolens.torch._fresh import as_factory
    from topolens.torch._reading import Reading
    from topolens.torch._recorder import Recorder
    from topolens.torch._selection import select_layers
    from topolens.torch._state import hookable

    _check_numbers(max_samples, max_memory)
    model = hookable(model)
    selection = select_layers(model, layers)
    reading = Reading(output, reduce)
    samples = choose_samples(loader, model, max_samples, as_rng(rng))
    recorder = Recorder(
        model,
        samples,
        selection,
        reading,
        device=device,
        max_memory=max_memory,
        progress=progress,
        fresh=as_factory(untrained, "untrained"),
    )
    return recorder.record()


def _check_numbers(max_samples: int, max_memory: float | None) -> None:
    if isinstance(max_samples, bool) or not isinstance(max_samples, int | np.integer):
        raise TypeError(f"`max_samples` must be an integer; found {max_samples!r}")
    if max_samples < 1:
        raise ValueError(f"`max_samples` must be at least 1; found {max_samples}")
    if max_memory is not None:
        memory_limit(max_memory)
