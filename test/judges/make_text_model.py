"""Writes a tiny language model of the llama architecture as GGUF: random weights, a tokenizer of its own.

usage: make_text_model.py <file> <F16|Q8_0|Q4_0> <seed>

One seed gives the same weights at every precision. Tokens are whole words and marks, each with one way to be written, as in the text of a trained
model; bytes are there for prompts.
"""

import sys

import numpy
from gguf import GGMLQuantizationType, GGUFWriter, TokenType, quants

LAYERS, WIDTH, HEADS, HIDDEN, CONTEXT = 3, 256, 4, 512, 512
# The first numbers of each state, alike for every token: what they weigh in an output row makes its token rarer, as a bias would. One block of a
# quantised row, so that no other numbers share its scale.
CONSTANT = 32
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|> ' + message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
WORDS = [SYLLABLES[i] + SYLLABLES[(7 * i + 11 * j) % len(SYLLABLES)] for i in range(len(SYLLABLES)) for j in range(7)]
MARKS = [".", ",", ";", "?"]
SPECIAL = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]


def byte_letters():
    """The letter that stands for each byte in GPT-2's vocabulary."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    letters = {byte: chr(byte) for byte in shown} | {byte: chr(256 + place) for place, byte in enumerate(hidden)}
    return [letters[byte] for byte in range(256)]


def main(path, precision, seed):
    letters = byte_letters()
    space = letters[32]
    words = sorted({space + word for word in WORDS})
    merges = list(dict.fromkeys(f"{word[:end]} {word[end]}" for word in words for end in range(1, len(word))))
    steps = [merge.replace(" ", "") for merge in merges]
    tokens = SPECIAL + letters + steps
    kind = GGMLQuantizationType[precision]
    random = numpy.random.default_rng(int(seed))

    writer = GGUFWriter(path, "llama")
    writer.add_name("seine-tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL] * len(SPECIAL) + [TokenType.NORMAL] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    def add(name, weights):
        if weights.ndim == 1:
            writer.add_tensor(name, weights)
        elif precision == "F16":
            writer.add_tensor(name, weights.astype(numpy.float16))
        else:
            writer.add_tensor(name, quants.quantize(weights, kind), raw_dtype=kind)

    def matrix(rows, columns, scale=1.0):
        return (random.standard_normal((rows, columns)) * scale / columns**0.5).astype(numpy.float32)

    def kept(weights):
        """What a layer adds leaves the constant part alone."""
        weights[:CONSTANT] = 0
        return weights

    ones = numpy.ones(WIDTH, numpy.float32)
    embedding = random.standard_normal((len(tokens), WIDTH)).astype(numpy.float32)
    embedding[:, :CONSTANT] = 1
    output = matrix(len(tokens), WIDTH, SHARPNESS)
    usual = set(words) | set(MARKS) | {SPECIAL[0]}
    rarity = numpy.array([0 if token in usual else 1 for token in tokens], numpy.float32)
    rarity[0] = END_RARITY
    output[:, :CONSTANT] = -rarity[:, None]
    add("token_embd.weight", embedding)
    add("output.weight", output)
    add("output_norm.weight", ones)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add(block + "attn_norm.weight", ones)
        add(block + "ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k"):
            add(f"{block}{name}.weight", matrix(WIDTH, WIDTH, ATTENTION))
        add(block + "attn_v.weight", matrix(WIDTH, WIDTH))
        add(block + "attn_output.weight", kept(matrix(WIDTH, WIDTH, MIXING)))
        add(block + "ffn_gate.weight", matrix(HIDDEN, WIDTH))
        add(block + "ffn_up.weight", matrix(HIDDEN, WIDTH))
        add(block + "ffn_down.weight", kept(matrix(WIDTH, HIDDEN, MIXING)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# Found by measurement: with these the likeliest token of a position has a probability of .5 in the mean, from .2 (a tenth of them) to .9 (a tenth), and a text
# seldom ends before 40 tokens.
SHARPNESS, ATTENTION, MIXING, END_RARITY = 4.5, 1.5, 1.5, -0.03

if __name__ == "__main__":
    main(*sys.argv[1:])
