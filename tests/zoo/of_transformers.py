"""Forty architectures of transformers, of tiny sizes that are written down here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
import transformers

from kinds import SAMPLES, Kind, images, numbers, sounds, tokens

# Words for the same few sizes, which configurations spell in several ways.
TEXT = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
LLAMA = {**TEXT, "num_key_value_heads": 2}
BART = {
    "vocab_size": 99,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 64,
}
PATCHES = {
    "image_size": 32,
    "patch_size": 8,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
SOUND = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "conv_dim": (16, 16, 16),
    "conv_stride": (5, 4, 4),
    "conv_kernel": (10, 4, 4),
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}
TOWERS = {"text_config": TEXT, "vision_config": PATCHES}


def pixels() -> dict:
    return {"pixel_values": images(32)}


def waves() -> dict:
    return {"input_values": sounds()}


def both() -> dict:
    return tokens() | pixels()


def two_texts() -> dict:
    return tokens() | {"decoder_input_ids": tokens(7)["input_ids"]}


ENCODERS = [
    ("BertModel", TEXT, tokens),
    ("BertForSequenceClassification", TEXT, tokens),
    ("RobertaModel", TEXT, tokens),
    ("AlbertModel", {**TEXT, "embedding_size": 16}, tokens),
    (
        "DistilBertForSequenceClassification",
        {"vocab_size": 99, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64},
        tokens,
    ),
    ("ElectraModel", {**TEXT, "embedding_size": 16}, tokens),
    ("DebertaV2Model", {**TEXT, "relative_attention": True}, tokens),
    ("ModernBertModel", {**TEXT, "reference_compile": False}, tokens),
]
DECODERS = [
    ("GPT2LMHeadModel", {"vocab_size": 99, "n_embd": 32, "n_layer": 2, "n_head": 4}, tokens),
    ("GPTNeoXForCausalLM", TEXT, tokens),
    ("LlamaForCausalLM", LLAMA, tokens),
    ("MistralModel", LLAMA, tokens),
    ("Qwen3ForCausalLM", {**LLAMA, "head_dim": 8}, tokens),
    ("Gemma2Model", {**LLAMA, "head_dim": 8}, tokens),
    ("MixtralForCausalLM", {**LLAMA, "num_local_experts": 4}, tokens),
    ("BloomModel", {"vocab_size": 99, "hidden_size": 32, "n_layer": 2, "n_head": 4}, tokens),
    (
        "OPTModel",
        {**TEXT, "ffn_dim": 64, "word_embed_proj_dim": 32},
        tokens,
    ),
    (
        "MambaForCausalLM",
        {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
        tokens,
    ),
]
BOTH_WAYS = [
    (
        "T5Model",
        {"vocab_size": 99, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
        two_texts,
    ),
    ("BartModel", BART, two_texts),
    ("MarianMTModel", {**BART, "pad_token_id": 0}, two_texts),
    ("PegasusModel", BART, two_texts),
]
VISION = [
    ("ViTModel", PATCHES, pixels),
    ("ViTForImageClassification", PATCHES, pixels),
    ("ViTMAEModel", PATCHES, lambda: pixels() | {"noise": numbers(16)}),
    ("Dinov2Model", PATCHES, pixels),
    ("BeitModel", PATCHES, pixels),
    (
        "SwinModel",
        {"image_size": 32, "patch_size": 2, "embed_dim": 16, "depths": [1, 2], "num_heads": [2, 4]}
        | {"window_size": 4},
        pixels,
    ),
    ("ConvNextModel", {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]}, pixels),
    (
        "ResNetForImageClassification",
        {"embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]},
        pixels,
    ),
    (
        "SegformerForSemanticSegmentation",
        {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "decoder_hidden_size": 16}
        | {"num_attention_heads": [1, 2, 3, 4]},
        pixels,
    ),
    ("YolosModel", {**PATCHES, "image_size": [32, 32], "num_detection_tokens": 5}, pixels),
]
AUDIO = [
    ("Wav2Vec2Model", SOUND, waves),
    ("HubertModel", SOUND, waves),
    (
        "WhisperModel",
        {**BART, "num_mel_bins": 16, "max_source_positions": 30, "max_target_positions": 20}
        | {"pad_token_id": 0, "decoder_start_token_id": 1, "bos_token_id": 1, "eos_token_id": 2},
        lambda: {"input_features": numbers(16, 60)} | {"decoder_input_ids": tokens(7)["input_ids"]},
    ),
    (
        "ASTForAudioClassification",
        {**PATCHES, "max_length": 40, "num_mel_bins": 16},
        lambda: {"input_values": numbers(40, 16)},
    ),
]
MANY = [
    ("CLIPModel", {**TOWERS, "projection_dim": 16}, both),
    ("SiglipModel", TOWERS, both),
    ("ViltModel", {**TEXT, **PATCHES}, both),
    (
        "DecisionTransformerModel",
        {"state_dim": 5, "act_dim": 3, "hidden_size": 32, "n_layer": 2, "n_head": 4},
        lambda: {
            "states": numbers(6, 5),
            "actions": numbers(6, 3),
            "returns_to_go": numbers(6, 1),
            "timesteps": torch.arange(6).repeat(SAMPLES, 1),
            "attention_mask": torch.ones(SAMPLES, 6),
        },
    ),
]


def kinds() -> Iterator[Kind]:
    """Yield them, family by family."""
    families = {
        "transformers encoders": ENCODERS,
        "transformers decoders": DECODERS,
        "transformers encoder-decoders": BOTH_WAYS,
        "transformers vision": VISION,
        "transformers audio": AUDIO,
        "transformers multimodal": MANY,
    }
    for family, members in families.items():
        for name, sizes, inputs in members:
            yield Kind(f"transformers {name}", family, partial(_build, name, sizes), inputs)


def _build(name: str, sizes: dict[str, Any]) -> Any:
    model: Callable[..., Any] = getattr(transformers, name)
    return model(model.config_class(**sizes))
