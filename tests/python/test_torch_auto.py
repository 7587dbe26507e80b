"""Layers that are chosen when nobody names them: blocks in order, among those that ran."""

from __future__ import annotations

import contextlib
import warnings

import pytest
import torch
import torchvision
import transformers
from torch import fx, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm
from torchvision.models.feature_extraction import create_feature_extractor

from topolens.torch import record
from topolens.torch._chain import choose_layers
from topolens.torch._observation import observe
from topolens.torch._state import at_rest
from torch_models import Block

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
PIXELS = {"image_size": 32, "patch_size": 8}


def images(size=64):
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))


def tokens(length=12):
    return torch.randint(3, 90, (2, length), generator=torch.Generator().manual_seed(0))


def chosen(model, inputs):
    with at_rest(model, None):
        return [call.name for call in choose_layers(observe(model, inputs, 2)).chain]


def numbered(pattern, *counts):
    """Names of blocks in stages: numbered("layer{}.{}", 2, 2) with stages from 1."""
    return [
        pattern.format(stage, block)
        for stage, count in enumerate(counts, start=1)
        for block in range(count)
    ]


TORCHVISION = {
    "resnet18": numbered("layer{}.{}", 2, 2, 2, 2),
    "resnet50": numbered("layer{}.{}", 3, 4, 6, 3),
    "densenet121": [
        f"features.denseblock{stage}.denselayer{layer}"
        for stage, count in enumerate((6, 12, 24, 16), start=1)
        for layer in range(1, count + 1)
    ],
    "googlenet": [
        "inception" + end for end in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
    ],
    "inception_v3": [f"Mixed_5{end}" for end in "bcd"]
    + [f"Mixed_6{end}" for end in "abcde"]
    + [f"Mixed_7{end}" for end in "abc"],
    "efficientnet_b0": numbered("features.{}.{}", 1, 2, 2, 3, 3, 4, 1),
    "mobilenet_v2": [f"features.{place}" for place in range(1, 18)],
    "mobilenet_v3_small": [f"features.{place}" for place in range(1, 12)],
    "squeezenet1_1": [f"features.{place}" for place in (3, 4, 6, 7, 9, 10, 11, 12)],
    "shufflenet_v2_x0_5": [
        f"stage{stage}.{block}"
        for stage, count in ((2, 4), (3, 8), (4, 4))
        for block in range(count)
    ],
    "regnet_x_400mf": [
        f"trunk_output.block{stage}.block{stage}-{block}"
        for stage, count in enumerate((1, 2, 7, 12), start=1)
        for block in range(count)
    ],
    "convnext_tiny": [
        f"features.{stage}.{block}"
        for stage, count in ((1, 3), (3, 3), (5, 9), (7, 3))
        for block in range(count)
    ],
    "swin_t": [
        f"features.{stage}.{block}"
        for stage, count in ((1, 2), (3, 2), (5, 6), (7, 2))
        for block in range(count)
    ],
    "vgg11_bn": [
        *(f"features.{place}" for place in (2, 6, 10, 13, 17, 20, 24, 27)),
        "classifier.1",
        "classifier.4",
    ],
}


@pytest.mark.parametrize("name", TORCHVISION)
def test_blocks_of_torchvision(name):
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    # Shapes without numbers are all that is looked at, but one constructor computes with numbers.
    device = "cpu" if name.startswith("regnet") else "meta"
    with torch.device(device), torch.no_grad():
        model = torchvision.models.get_model(name, weights=None, **options).eval()
        seen = observe(model, torch.empty(2, 3, 96, 96), 2)
    assert [call.name for call in choose_layers(seen).chain] == TORCHVISION[name]


def test_blocks_of_quantised_models():
    model = torchvision.models.quantization.resnet18(weights=None, quantize=True)
    assert chosen(model, images()) == TORCHVISION["resnet18"]


def t5():
    config = transformers.T5Config(vocab_size=99, d_model=32, d_ff=64, num_layers=2, num_heads=2)
    return transformers.T5Model(config), {"input_ids": tokens(), "decoder_input_ids": tokens()}


def clip():
    config = transformers.CLIPConfig(
        text_config={"vocab_size": 99, **SMALL, "num_hidden_layers": 2},
        vision_config={**PIXELS, **SMALL},
    )
    return transformers.CLIPModel(config), {"input_ids": tokens(), "pixel_values": images(32)}


def canine():
    model = transformers.CanineModel(transformers.CanineConfig(**SMALL))
    return model, torch.randint(3, 500, (2, 128))


def mae():
    config = transformers.ViTMAEConfig(
        **SMALL,
        **PIXELS,
        decoder_num_hidden_layers=2,
        decoder_hidden_size=32,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=64,
    )
    return transformers.ViTMAEForPreTraining(config), images(32)


def segformer():
    return transformers.SegformerModel(transformers.SegformerConfig()), images()


def of_text(kind, config, **options):
    return kind(config(vocab_size=99, **SMALL, **options)), tokens()


TRANSFORMERS = {
    "bert": (
        lambda: of_text(transformers.BertModel, transformers.BertConfig),
        [f"encoder.layer.{layer}" for layer in range(3)],
    ),
    "albert": (
        lambda: of_text(transformers.AlbertModel, transformers.AlbertConfig),
        [f"encoder.albert_layer_groups.0{call}" for call in ("", "#1", "#2")],
    ),
    "llama": (
        lambda: of_text(transformers.LlamaForCausalLM, transformers.LlamaConfig),
        [f"model.layers.{layer}" for layer in range(3)],
    ),
    "t5": (t5, [f"{side}coder.block.{block}" for side in ("en", "de") for block in range(2)]),
    "canine": (
        canine,
        [
            "initial_char_encoder.layer.0",
            *(f"encoder.layer.{layer}" for layer in range(3)),
            "final_char_encoder.layer.0",
        ],
    ),
    "clip": (clip, [f"vision_model.encoder.layers.{layer}" for layer in range(3)]),
    "mae": (
        mae,
        [
            *(f"vit.layers.{layer}" for layer in range(3)),
            *(f"decoder.decoder_layers.{layer}" for layer in range(2)),
        ],
    ),
    "segformer": (
        segformer,
        [f"stages.{stage}.blocks.{block}" for stage in range(4) for block in range(2)],
    ),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_blocks_of_transformers(name):
    make, expected = TRANSFORMERS[name]
    assert chosen(*make()) == expected


RELUS = [
    "relu",
    *(f"layer{i}.{j}.relu{call}" for i in range(1, 5) for j in (0, 1) for call in ("", "#1")),
]


@pytest.mark.parametrize(
    "trace",
    [fx.symbolic_trace, lambda model: create_feature_extractor(model, {"layer4": "last"})],
)
def test_blocks_that_a_graph_does_not_call_are_replaced_by_what_it_calls(trace):
    model = trace(torchvision.models.resnet18().eval())
    assert chosen(model, images()) == RELUS


class Network(nn.Module):
    """Runs what a function makes of its parts."""

    def __init__(self, forward, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.run = forward

    def forward(self, x):
        return self.run(self, x)


def of_attention(net, x):
    x = net.embed(x)
    x = x + net.first(x, x, x)[0]
    x = x + net.wide(F.relu(x))
    x = x + net.second(x, x, x)[0]
    return net.head(x.mean(1))


def test_attention_does_not_hide_the_layers_beside_it():
    def attention():
        return nn.MultiheadAttention(8, 2, batch_first=True)

    net = Network(
        of_attention,
        embed=nn.Linear(5, 8),
        first=attention(),
        wide=nn.Linear(8, 8),
        second=attention(),
        head=nn.Linear(8, 3),
    )
    found = chosen(net, torch.randn(2, 7, 5))
    assert found == ["embed", "first", "wide", "second", "head"]


def test_blocks_that_are_called_without_their_hooks_show_their_parts():
    def run(net, x):
        for block in net.blocks:
            x = block.forward(x)
        return x

    net = Network(run, blocks=nn.ModuleList(Block(4) for _ in range(3)))
    found = chosen(net, torch.randn(2, 4))
    assert found == [f"blocks.{place}.inner.1" for place in range(3)]


def two_towers(net, x):
    return net.head(torch.cat([net.short(x), net.long(x)], 1))


def towers():
    return {
        "long": nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh()),
        "short": nn.Sequential(nn.Linear(4, 8), nn.ReLU()),
        "head": nn.Linear(16, 2),
    }


def test_of_parallel_branches_the_longest_is_taken():
    assert chosen(Network(two_towers, **towers()), torch.randn(2, 4)) == ["long.1", "long.3"]


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(8, 2), nn.Linear(2, 8)

    def forward(self, x):
        return torch.sigmoid(self.up(F.relu(self.down(x))))


def test_gates_beside_the_way_are_no_blocks():
    def run(net, x):
        for layer, gate in zip(net.layers, net.gates, strict=True):
            x = F.relu(net.more(layer(x)))
            x = x * gate(x)
        return net.head(x)

    parts = {"layers": nn.ModuleList(nn.Linear(8, 8) for _ in range(4)), "more": nn.Linear(8, 8)}
    net = Network(run, gates=nn.ModuleList([Gate(), Gate()]), head=nn.Linear(8, 2), **parts)
    net.layers = net.layers[:2]
    found = chosen(net, torch.randn(2, 8))
    assert found[:2] == ["layers.0", "more"]
    assert "gates.0" not in found


class Residual(nn.Module):
    """A block with blocks inside, to whose result its input is added."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(Block(4), Block(4))

    def forward(self, x):
        return x + self.inner(x)


def test_a_block_whose_input_is_added_is_no_stage():
    assert chosen(nn.Sequential(Residual(), Residual()), torch.randn(2, 4)) == ["0", "1"]


def test_blocks_of_one_weight_are_blocks_where_there_are_no_larger_ones():
    net = nn.Sequential(nn.Linear(2, 4), nn.Sequential(Block(4), Block(4)), nn.Linear(4, 2))
    assert chosen(net, torch.randn(2, 2)) == ["1.0", "1.1"]


def test_a_module_that_holds_all_layers_is_no_block():
    backbone = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())
    wrapped = Network(lambda net, x: net.layers(x) + 1, layers=backbone)
    net = Network(lambda net, x: net.head(net.body(x)), body=wrapped, head=nn.Linear(4, 2))
    assert chosen(net, torch.randn(2, 4)) == ["body.layers.1", "body.layers.3"]


def test_a_stage_is_entered_through_reshaped_maps():
    class Stage(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = Deep(), Deep()

        def forward(self, x):
            x = self.first(x.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(x.shape)
            return self.second(x.flatten(2).transpose(1, 2)).transpose(1, 2).reshape(x.shape)

    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x):
            return x + self.two(F.relu(self.one(x)))

    net = nn.Sequential(Stage(), Stage())
    assert chosen(net, torch.randn(2, 4, 3, 3)) == ["0.first", "0.second", "1.first", "1.second"]


def test_weights_are_found_within_parametrizations():
    net = Network(
        lambda net, x: net.second(F.relu(net.first(x))),
        first=weight_norm(nn.Linear(2, 5)),
        second=nn.Linear(5, 3),
    )
    assert chosen(net, torch.randn(2, 2)) == ["first", "second"]


def test_side_modules_without_rows_are_not_chosen():
    class Table(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(5, 4))

        def forward(self, length):
            return self.weight[:length]

    net = Network(
        lambda net, x: net.second(net.first(x) + net.table(3)),
        table=Table(),
        first=nn.Linear(6, 4),
        second=nn.Linear(4, 2),
    )
    assert chosen(net, torch.randn(2, 3, 6)) == ["first", "second"]
    found = record(net, torch.randn(9, 3, 6)).skipped
    assert "on its first axis" in found["table"]


def test_what_does_not_depend_on_the_input_is_no_layer():
    class Table(nn.Linear):
        def forward(self, n):
            return self.weight.new_ones(n, 4) @ self.weight

    net = Network(
        lambda net, x: net.second(torch.tanh(net.first(x)) + net.table(len(x))),
        table=Table(4, 4),
        first=nn.Linear(6, 4),
        second=nn.Linear(4, 2),
    )
    recording = record(net, torch.randn(9, 6))
    assert list(recording) == ["input", "first", "output"]
    assert recording.skipped == {"table": "must depend on the inputs"}


def test_towers_beside_the_longest_are_named():
    recording = record(Network(two_towers, **towers()), torch.randn(9, 4))
    assert list(recording) == ["input", "long.1", "long.3", "output"]
    assert "runs beside" in recording.skipped["short.1"]


def test_a_module_whose_error_is_caught_leaves_the_order_as_it_is():
    class Fails(nn.Linear):
        def forward(self, x):
            raise ArithmeticError("on purpose")

    def run(net, x):
        for block in net.blocks:
            x = block(x)
            with contextlib.suppress(ArithmeticError):
                net.fails(x)
        return x

    net = Network(run, blocks=nn.ModuleList(Block(4) for _ in range(3)), fails=Fails(4, 4))
    assert chosen(net, torch.randn(2, 4)) == ["blocks.0", "blocks.1", "blocks.2"]


class Moves(nn.Module):
    def forward(self, x):
        return x.flip(1)


def test_it_is_said_where_nothing_is_chosen():
    with pytest.warns(UserWarning, match=r"found no layer .* name some of 0, 1"):
        found = record(nn.Sequential(Moves(), Moves()), torch.randn(9, 4))
    assert list(found) == ["input", "output"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record(nn.Sequential(nn.Linear(4, 2)), torch.randn(9, 4))


def axes(model, inputs):
    with at_rest(model, None):
        return observe(model, inputs, 2).axes()


def test_channels_are_followed_through_moves():
    model = torchvision.models.convnext_tiny(weights=None)
    found = axes(model, images())
    assert found["features.1.0.block.0"] == found["features.1.0"] == 1
    assert found["features.1.0.block.3"] == 3  # a linear layer, before they are moved back
    swin = axes(torchvision.models.swin_t(weights=None), images())
    assert {swin[name] for name in TORCHVISION["swin_t"]} == {3}


def test_channels_of_sequences_depend_on_what_made_them():
    layers = [nn.Conv1d(4, 6, 3), nn.ReLU(), nn.MaxPool1d(2)]
    net = Network(
        lambda net, x: net.tail(net.head(x).transpose(1, 2)),
        head=nn.Sequential(*layers),
        tail=nn.Sequential(nn.Linear(6, 7), nn.GELU()),
    )
    found = axes(net, torch.randn(2, 4, 20))
    assert found == {
        **dict.fromkeys(["input", "head.0", "head.1", "head.2", "head"], 1),
        **dict.fromkeys(["tail.0", "tail.1", "tail", "output"], 2),
    }


def test_what_is_reshaped_beyond_recognition_has_no_known_axis():
    net = Network(
        lambda net, x: net.after(net.before(x).reshape(2, 3, 2, 4)),
        before=nn.Linear(4, 8),
        after=nn.ReLU(),
    )
    assert axes(net, torch.randn(2, 3, 4)) == {"input": 2, "before": 2}
    module = nn.Sequential(nn.Unflatten(1, (2, 3)))
    assert axes(module, torch.randn(2, 6)) == {}


@pytest.mark.parametrize(
    ("head", "operation"),
    [
        (nn.Linear(4, 1), "addmm"),
        (nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()), "sigmoid"),
        (nn.Sequential(nn.Linear(4, 1), nn.Sigmoid(), nn.Flatten(0)), "sigmoid"),
    ],
)
def test_the_operation_that_made_the_output(head, operation):
    with at_rest(head, None):
        assert observe(head, torch.randn(2, 4), 2).operation == operation


def of_maps(net, x):
    maps = [net.first(x)]
    maps.append(net.second(maps[-1]))
    return maps


@pytest.mark.parametrize(
    ("returned", "output"),
    [
        (lambda maps: maps, 1),
        (lambda maps: maps[::-1], 0),
        (lambda maps: dict(zip("ab", maps, strict=True)), 1),
        (lambda maps: [each.mean((2, 3)) for each in maps], 0),
        (lambda maps: maps[1], 0),
        (lambda maps: [maps[0], maps[0] + 1], 0),
    ],
)
def test_of_feature_maps_the_deepest_is_the_output(returned, output):
    parts = {"first": nn.Conv2d(3, 4, 3), "second": nn.Conv2d(4, 5, 3)}
    net = Network(lambda net, x: returned(of_maps(net, x)), **parts)
    with at_rest(net, None):
        assert observe(net, images(8), 2).output == output


def test_what_cannot_be_followed_is_taken_in_its_order():
    def run(net, x):
        if torch.utils._python_dispatch._get_current_dispatch_mode() is not None:
            raise RuntimeError("a compiled kernel")
        return net.head(torch.cat([net.left(x), net.right(x)], 1))

    parts = {name: nn.Sequential(nn.Linear(4, 8), nn.ReLU()) for name in ("left", "right")}
    net = Network(run, head=nn.Linear(16, 2), **parts)
    assert chosen(net, torch.randn(2, 4)) == ["left.1", "right.1"]
