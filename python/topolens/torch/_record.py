"""Recording what the layers of a PyTorch network do with their samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from topolens._arrays import as_rng, label_array
from topolens._calls import Progress, memory_limit

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import ArrayLike, NDArray

    from topolens.layers._recording import Recording
    from topolens.torch._reading import Output
    from topolens.torch._reductions import Channels, Reduction
    from topolens.torch._selection import Layers


def record(
    model: torch.nn.Module,
    loader: Any,
    layers: Layers = "auto",
    *,
    max_samples: int = 2000,
    per_class: int | None = None,
    sample_ids: ArrayLike | None = None,
    rng: int | np.random.Generator | None = None,
    reduce: Reduction | Mapping[str, Reduction] = "auto",
    channels: Channels | Mapping[str, Channels | None] | None = None,
    output: Output = None,
    predictions: Callable[[Any], ArrayLike] | ArrayLike | None = None,
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
    per_class : int or None, default None
        In the place of `max_samples`: the number of samples of each class, chosen uniformly
        within the class. It needs labels. Of a class with fewer samples all are recorded, with a
        warning that names it.
    sample_ids : array_like or None, default None
        A number or text for each sample of the loader, in its order, no two alike. They travel
        with the recording as `Recording.sample_ids`, and where two recordings meet their ids must
        be the same. None: positions in the loader's order, which mean little where it shuffles.
    rng : int, numpy.random.Generator or None, default None
        Seed of that choice, which depends on nothing but this and the number of samples, and of
        what the model itself draws from PyTorch, such as the noise of a variational autoencoder:
        of two recordings with the same seed the rows agree.
    reduce : {"auto", "flatten", "mean", "cls", "last"}, callable or dict, default "auto"
        How a sample's activations become one row. ``"auto"``: ``"mean"`` where the inputs tell
        padding, for layers of shape (n, tokens, features) with those tokens; otherwise
        ``"flatten"``, all numbers in a row. ``"mean"``: over the positions or tokens, never over
        the channels or features. ``"cls"`` and ``"last"``: the first and last token. These three
        leave layers with two axes as they are. Callable: takes a copy of the tensor in float32
        and returns one with as many rows. Dictionary: from names or globs of layers to one of
        these; for the others it is ``"auto"``. ``"mean"``, ``"cls"`` and ``"last"`` leave padding
        out, where the inputs tell it by an ``attention_mask`` (0 at padding) or a
        ``src_key_padding_mask`` (True at padding); ``"flatten"`` keeps it. What was averaged
        stands in `Recording.averaged` and `Recording.summary`.
    channels : {"first", "last", None} or dict, default None
        On which axis a layer of three axes or more has its channels: the second, as after
        convolutions, or the last, as after `Linear` and `LayerNorm`. None: as the model tells, or
        else last with three axes and first with more. Dictionary: from names or globs of layers
        to one of these.
    output : callable, dict or None, default None
        Where a layer's tensor is, if not the first one in its tuple, list, dictionary, dataclass
        or ``ModelOutput`` that has a row for each sample. Callable: takes the layer's name and
        its result. Dictionary: from names or globs of layers to callables that take the result.
    predictions : callable, array_like of shape (n,) or None, default None
        What the network predicts, if not what `Recording` reads off the output. Callable: takes
        the network's whole result for a batch and returns one label per sample. Array: one label
        for each sample of the loader, in its order.
    device : torch.device, str or None, default None
        Where to run the model, which is moved there and back. None: where it is.
    max_memory : float or None, default None
        Largest size in bytes of the recording and of the chosen samples' inputs, which stay with
        it. None: the memory that is available once these are read.
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
        of execution, with labels, predictions, positions and ids of the samples. The second call
        of a module in one forward pass is named ``"relu#1"``.

    Raises
    ------
    TypeError
        If the model or loader is of another kind, or a layer that was asked for by its name gives
        no tensor or a complex one.
    ValueError
        If no layer is selected, a name is unknown or no layer has a row for each sample; if a
        layer that was asked for by its name has the batch not on its first axis, or differs
        between batches in its number of calls; or if the shape of a layer does.
    MemoryError
        If the recording would be larger than `max_memory`; the message says what would fit.

    Warns
    -----
    UserWarning
        If a sample's rows depend on the other samples of its batch, or on chance: if two samples
        alone have other rows than in the first batch.

    See Also
    --------
    topolens.layers.Recording : What it returns.
    topolens.layers.analyse : Measures it.
    TrajectoryRecorder : Weights during training.

    Notes
    -----
    ``layers="auto"`` records the first of these that runs in the network:

    1. blocks: modules with parts (other than `Sequential`, `ModuleList` and `ModuleDict`) whose
       class occurs more than once and in which at least half of the weights are, such as residual
       blocks or transformer layers. Of stages and stacks, in which one part takes what the one
       before gave and nothing is added, the parts are shown;
    2. activations: modules such as `ReLU`, `Tanh` or `GELU`, but not softmax, and with them
       recurrent modules;
    3. layers with parameters, as in networks that call `torch.nn.functional.relu`, where a
       layer is seen before its activation; recurrent modules and embeddings are among them.

    They are chosen in a first pass of two samples that shows what runs and what depends on what,
    so that each layer follows from the one before. Of branches and towers that run in parallel
    the longest is recorded, and `Recording.skipped` names the others. A layer whose result is the
    network's output is listed as ``"output"`` only; of several feature maps that a network
    returns, each made from the one before, the last is the output. Numbers of tokens, integers in
    a model with `Embedding`, are left out as the input: between names there is no distance. The
    module that embeds them can be asked for by its name.

    ``"input"`` and ``"output"`` always mean the ends of the network; a direct child with such a
    name is listed as ``"output#1"``. Activations are kept as float32 whatever their type:
    integers such as token numbers are cast, quantised numbers stand for what they mean. Modules
    without a row for each sample, such as tables of positions or what finds boxes in images, are
    left out and named in `Recording.skipped`, unless they were asked for by name. The chosen
    samples go through the model in batches of at most 256, no larger than the loader's, but never
    alone if they can be two: models that squeeze their output could not tell. Their inputs and
    the model stay with the recording, for `Recording.untrained`.

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
    from topolens.torch._choice import as_ids, number_of_samples
    from topolens.torch._fresh import as_factory
    from topolens.torch._reading import Reading
    from topolens.torch._recorder import Recorder
    from topolens.torch._selection import select_layers
    from topolens.torch._state import hookable

    most = number_of_samples(per_class, max_samples=(max_samples, 2000))
    if max_memory is not None:
        memory_limit(max_memory)
    ids = as_ids(sample_ids, loader)
    model = hookable(model)
    selection = select_layers(model, layers)
    reading = Reading(output, reduce, channels)
    generator = as_rng(rng)
    samples = choose_samples(
        loader, model, most, generator, per_class=per_class is not None, ids=ids
    )
    recorder = Recorder(
        model,
        samples,
        selection,
        reading,
        device=device,
        max_memory=max_memory,
        progress=progress,
        seed=int(generator.integers(2**63)),
        predictions=_own_predictions(predictions, samples.indices),
        fresh=as_factory(untrained, "untrained"),
    )
    return recorder.record()


def _own_predictions(predictions: Any, indices: NDArray[np.int64]) -> Any:
    """Take a function as it is, and of labels of all samples those of the chosen ones."""
    if predictions is None or callable(predictions):
        return predictions
    if getattr(predictions, "requires_grad", False):
        predictions = predictions.detach()
    labels = label_array(predictions, "predictions")
    if labels.ndim != 1 or len(labels) <= indices[-1]:
        raise ValueError(
            f"`predictions` must have one label for each sample of the loader; found shape "
            f"{labels.shape} for a loader of {indices[-1] + 1} samples or more"
        )
    return labels[indices]
