"""Files and arrays on which fuzzers found readers that crash, hang or do not say what is wrong."""

import io
import zipfile
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

import topolens as tl
from topolens._arrays import label_array
from topolens.cli import main
from topolens.cli._reading import _natural, read_labels, read_layers


def npy(array):
    """Bytes of a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def archive(path, packing=zipfile.ZIP_STORED, name="a.npy", content=None):
    """An .npz file with one member."""
    with zipfile.ZipFile(path, "w", compression=packing) as file:
        file.writestr(name, npy(np.zeros((200, 2))) if content is None else content)
    return path


def said(capsys, *words):
    """What the command says when it refuses."""
    assert main(list(map(str, words))) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_that_cannot_be_unpacked_are_refused(tmp_path, capsys, packing):
    path = archive(tmp_path / "acts.npz", packing)
    content = bytearray(path.read_bytes())
    content[40:48] = bytes(8)
    path.write_bytes(content)
    assert f"{path} is not a readable .npz file: " in said(capsys, "analyse", path)


@pytest.mark.parametrize("place, value", [(10, 99), (8, 1)])  # how it is packed; a password
def test_archives_of_other_kinds_are_refused(tmp_path, capsys, place, value):
    path = archive(tmp_path / "acts.npz")
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + place] = value
    content[place - 2] = value
    path.write_bytes(content)
    assert f"{path} is not a readable .npz file: " in said(capsys, "analyse", path)


def test_members_of_archives_that_are_no_arrays_are_named(tmp_path, capsys):
    path = archive(tmp_path / "acts.npz", name="notes.txt", content="read me")
    rule = f"{path} must hold arrays only; found 'notes.txt', which is none"
    assert rule in said(capsys, "analyse", path)


def test_headers_of_arrays_that_end_early_are_refused(tmp_path, capsys):
    path = tmp_path / "y.npy"
    path.write_bytes(npy(np.zeros(3)).replace(b"(3,), }", b"(3,,((("))
    assert f"{path} is not a readable .npy file: " in said(capsys, "compare", path, path)


def test_an_archive_is_no_array(tmp_path, capsys):
    archive(tmp_path / "acts.npz").rename(tmp_path / "y.npy")
    rule = f"{tmp_path / 'y.npy'} must be one array; found an archive"
    assert rule in said(capsys, "compare", tmp_path / "y.npy", tmp_path / "y.npy")


def test_archives_without_arrays_have_no_layers(tmp_path, capsys):
    path = tmp_path / "acts.npz"
    np.savez(path)
    rule = f"{path} has no layers; found no arrays"
    assert rule in said(capsys, "analyse", path)
    other = tmp_path / "other.npz"
    np.savez(other)
    assert rule in said(capsys, "compare", path, other, "--as", "activations")


def test_single_numbers_are_no_layers(tmp_path, capsys):
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        np.savez(path, loss=np.float64(0.5))
    assert "`layers['loss']` must" in said(capsys, "compare", *paths, "--as", "activations")


@pytest.mark.parametrize("content", [b"label\n" + b"x" * 200_000 + b"\n", b"label\ncaf\xe9\n"])
def test_texts_that_cannot_be_read_are_named(tmp_path, content):
    path = tmp_path / "y.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"y\.csv is not a readable \.csv file: "):
        read_labels(path)


@pytest.mark.parametrize(
    "first, second", [("9007199254740992", "9007199254740993"), ("1e300", "2e300"), ("1e19", "2")]
)
def test_numbers_beyond_those_that_floats_tell_apart_stay_apart(tmp_path, first, second):
    path = tmp_path / "y.txt"
    path.write_text(f"{first}\n{second}\n{first}\n")
    assert read_labels(path).tolist() == [first, second, first]


def test_layers_with_numbers_of_any_kind_are_sorted(tmp_path):
    numbers = ["a2", "a10", "a012", "a²", "a" + "9" * 5000, "a٣"]
    assert sorted(numbers[:3], key=_natural) == ["a2", "a10", "a012"]
    assert len(sorted(numbers, key=_natural)) == 6
    safetensors = pytest.importorskip("safetensors.numpy")
    safetensors.save_file({name: np.zeros(2) for name in numbers}, tmp_path / "a.safetensors")
    assert set(read_layers(tmp_path / "a.safetensors")) == set(numbers)


# ------------------------------------------------------------------------------------------ arrays


def nested(depth, inner):
    """Lists within lists."""
    for _ in range(depth):
        inner = [inner]
    return inner


def of_itself(times):
    """A list that holds itself."""
    ring = []
    ring.extend([ring] * times)
    return ring


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("read", [tl.distances, tl.rips, tl.cubical, label_array])
def test_lists_that_hold_themselves_are_refused(read, times):
    with pytest.raises(ValueError, match="found lists more than 64 deep"):
        read(of_itself(times))
    masked = of_itself(times)
    masked.append(np.ma.masked_array([1.0], mask=[False]))
    with pytest.raises(ValueError, match="found lists more than 64 deep"):
        read(masked)


@pytest.mark.parametrize("dgm", [of_itself(1), of_itself(2), nested(3000, [0.0, 1.0])])
def test_diagrams_of_endless_depth_are_refused(dgm):
    with pytest.raises(TypeError, match="`dgm` must be an array of shape"):
        tl.diagrams.betti_curve(dgm, [0.0])
    with pytest.raises(TypeError, match="`diagrams` must be a list of diagrams"):
        tl.distance_matrix(dgm)


def test_masked_records_are_no_numbers():
    records = np.ma.masked_array(np.zeros(3, dtype="f8,f8"), mask=[(1, 0), (0, 0), (0, 0)])
    for read in (tl.rips, tl.cubical, tl.distances, label_array):
        with pytest.raises(TypeError, match=r"`\w+` must hold .*; found dtype \[\('f0'"):
            read(records)


@pytest.mark.parametrize("value", [Decimal("sNaN"), Fraction(10**400, 3)])
def test_numbers_that_are_no_floats_are_named(value):
    with pytest.raises(ValueError, match=r"`X` must hold numbers of float64; .* at \[0, 0\]"):
        tl.distances([[value]])
    with pytest.raises(ValueError, match="`labels` must"):
        label_array([value, 1.5])
    with pytest.raises(ValueError, match="`p` must be"):
        tl.wasserstein_distance([[0, 1]], [[0, 1]], p=value)


def test_labels_that_are_no_text_are_named():
    with pytest.raises(ValueError, match="`labels` must hold text in UTF-8; "):
        label_array([b"\xff"])


@pytest.mark.parametrize("dgms", [0.5, None, np.array(1.0)])
def test_results_without_a_list_of_diagrams_are_named(dgms):
    for result in ({"dgms": dgms}, SimpleNamespace(dgms=dgms)):
        with pytest.raises(TypeError, match="`dgm` must have a list of arrays in `dgms`; found a"):
            tl.diagrams.persistence_entropy(result)


def test_choices_are_texts():
    with pytest.raises(ValueError, match="`metric` must be one of bottleneck"):
        tl.distance_matrix([[[0, 1]]], np.array(["bottleneck", "wasserstein"]))
