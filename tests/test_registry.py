"""Finding backends: the five ways to fail, each with a message of its own, and who decides which one is used."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

import unifw as uf
from unifw.backend import KNOWN, KnownBackend, _registry, get_backend, installed, registered
from unifw.errors import (
    ArgumentError,
    BackendBrokenError,
    BackendConflictError,
    BackendError,
    BackendNotInstalledError,
    BackendVersionError,
    UnknownBackendError,
)

MODULE = """
import sys

from unifw.backend import Backend, get_backend

class Old:
    interface_version = 0

class New(Backend):
    interface_version = 99

class Silent(Backend):
    name = "other"

class Text:
    interface_version = "1.0"

class Raises(Backend):
    name = "broken"
    interface_version = 1
    versions = is_array = asarray = to_numpy = shape_of = dtype_of = native_dtype = astype = stop_gradient = None
    copy = devices = device_of = to_device = synchronize = set_threads = value_and_grad = jit = None
    vjp = jvp = vmap = cond = while_loop = scan = checkpoint = custom_vjp = memory_stats = reset_memory_stats = None
    def __init__(self):
        raise OSError("libmissing.so cannot be opened")

class Exits(Raises):
    interface_version = 1
    def __init__(self):
        sys.exit("no licence found")

class Unfinished(Backend):
    name = "broken"
    interface_version = 1

class Unrelated:
    name = "broken"
    interface_version = 1

def factory():
    return get_backend("numpy")
"""


class Distribution:
    def __init__(self, name):
        self.name = name


@pytest.fixture
def entry_points(monkeypatch, tmp_path):
    """Let the registry find these entry points: {name: [value, …]}."""
    (tmp_path / "fake_backends.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)

    def install(**found):
        entries = {
            name: tuple(
                EntryPoint(name, value, _registry.GROUP)._for(Distribution(f"owner-{index}"))
                for index, value in enumerate(values)
            )
            for name, values in found.items()
        }
        monkeypatch.setattr(_registry, "_entry_points", lambda: entries)
        monkeypatch.setattr(_registry, "_loaded", {})

    return install


def test_unknown_name_suggests_the_nearest_and_lists_all(entry_points):
    entry_points(mindspore=["fake_backends:New"], paddle=["fake_backends:New"])
    with pytest.raises(UnknownBackendError, match=r"No backend is called 'padle'\. Did you mean 'paddle'\?") as raised:
        get_backend("padle")
    assert "mindspore, paddle" in str(raised.value)
    assert "unifw.backends" in str(raised.value)


def test_unknown_name_without_a_neighbour_suggests_nothing(entry_points):
    entry_points(paddle=["fake_backends:New"])
    with pytest.raises(UnknownBackendError) as raised:
        get_backend("xyz")
    assert "Did you mean" not in str(raised.value)


def test_known_but_not_installed_gives_the_pip_command(entry_points, monkeypatch):
    monkeypatch.setitem(KNOWN, "exotic", KnownBackend("exotic", "no_such_module", "pip install 'unifw[exotic]'"))
    entry_points(exotic=["fake_backends:New"])
    with pytest.raises(BackendNotInstalledError, match=r"no_such_module.*pip install 'unifw\[exotic\]'"):
        get_backend("exotic")
    assert "exotic" in registered()
    assert "exotic" not in installed()


def test_known_but_not_registered_gives_the_pip_command_too(entry_points):
    entry_points()
    with pytest.raises(BackendNotInstalledError, match=r"pip install 'unifw\[jax\]'"):
        get_backend("jax")


def test_installed_but_broken_chains_the_cause(entry_points):
    entry_points(broken=["fake_backends:Raises"])
    with pytest.raises(BackendBrokenError, match=r"OSError: libmissing\.so") as raised:
        get_backend("broken")
    assert isinstance(raised.value.__cause__, OSError)


def test_a_module_that_is_not_there_is_broken_as_well(entry_points):
    entry_points(broken=["no_such_plugin:Backend"])
    with pytest.raises(BackendBrokenError, match="no_such_plugin") as raised:
        get_backend("broken")
    assert isinstance(raised.value.__cause__, ModuleNotFoundError)


def test_claimed_twice_names_both_owners(entry_points):
    entry_points(double=["fake_backends:Old", "fake_backends:New"])
    with pytest.raises(BackendConflictError, match=r"owner-0.*owner-1.*Uninstall one"):
        get_backend("double")


@pytest.mark.parametrize(
    ("entry", "stated", "upgrade"),
    [("Old", "0", "the backend"), ("New", "99", "unifw")],
)
def test_wrong_interface_version_says_which_side_to_upgrade(entry_points, entry, stated, upgrade):
    entry_points(other=[f"fake_backends:{entry}"])
    with pytest.raises(BackendVersionError, match=f"version {stated} .*Upgrade {upgrade}"):
        get_backend("other")


@pytest.mark.parametrize("entry", ["Silent", "Text"])
def test_a_backend_must_state_its_interface_version_itself(entry_points, entry):
    entry_points(other=[f"fake_backends:{entry}"])
    with pytest.raises(BackendVersionError, match=r"does not state the version.*Write interface_version = 1"):
        get_backend("other")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("fake_backends:factory", r"not a class but <function factory.*must name the backend's class"),
        ("fake_backends:Unrelated", r"not a subclass of unifw\.backend\.Backend"),
        ("fake_backends:Unfinished", r"TypeError: Can't instantiate abstract class Unfinished.*asarray"),
        ("unifw_numpy:NumpyBackend", r"calls itself 'numpy'.*name = 'broken' in the class, or correct"),
        ("fake_backends:Exits", r"SystemExit: no licence found"),
    ],
)
def test_what_is_no_backend_is_broken_and_says_how(entry_points, value, problem):
    entry_points(broken=[value])
    with pytest.raises(BackendBrokenError, match=problem):
        get_backend("broken")


@pytest.mark.parametrize("name", [None, 3, ["jax"]])
def test_a_name_that_is_no_string_is_refused(name):
    for choose in (get_backend, uf.set_backend, lambda name: uf.use_backend(name).__enter__()):
        with pytest.raises(ArgumentError, match=r"named by a string, got .*'numpy'"):
            choose(name)


@pytest.mark.parametrize(("typed", "meant"), [("JAX", "jax"), ("PyTorch", "torch"), ("NumPy", "numpy")])
def test_capitals_do_not_hide_what_was_meant(typed, meant):
    with pytest.raises(UnknownBackendError, match=rf"No backend is called '{typed}'\. Did you mean '{meant}'\?"):
        get_backend(typed)


def test_all_five_are_backend_errors():
    kinds = (
        BackendBrokenError,
        BackendConflictError,
        BackendNotInstalledError,
        BackendVersionError,
        UnknownBackendError,
    )
    assert all(issubclass(kind, BackendError) for kind in kinds)


def test_our_four_are_registered_through_the_public_door():
    assert {"jax", "numpy", "tensorflow", "torch"} <= set(registered())


NAME = "import unifw as uf; print(uf.zeros(1).backend.name)"


def test_without_settings_the_first_installed_of_the_documented_order_is_used(run_python):
    expected = next(name for name in uf.config.DEFAULT_BACKEND_ORDER if name in installed())
    assert run_python(NAME) == expected


def test_the_file_comes_before_the_order(run_python, tmp_path):
    (tmp_path / "settings.toml").write_text('backend = "numpy"\n')
    assert run_python(NAME, UNIFW_CONFIG=str(tmp_path / "settings.toml")) == "numpy"


def test_the_environment_comes_before_the_file(run_python, tmp_path):
    (tmp_path / "settings.toml").write_text('backend = "torch"\n')
    assert run_python(NAME, UNIFW_CONFIG=str(tmp_path / "settings.toml"), UNIFW_BACKEND="numpy") == "numpy"


def test_set_backend_comes_before_the_environment(run_python):
    program = "import unifw as uf; uf.set_backend('numpy'); print(uf.zeros(1).backend.name)"
    assert run_python(program, UNIFW_BACKEND="no-such-backend") == "numpy"


def test_the_context_comes_before_set_backend(backend):
    with uf.use_backend("numpy"):
        assert uf.zeros(1).backend.name == "numpy"
    assert uf.zeros(1).backend is backend


def test_the_argument_comes_before_the_context(backend):
    with uf.use_backend("numpy"):
        assert uf.asarray([1.0], backend=backend).backend is backend
        assert uf.random.key(0, backend=backend.name).backend is backend


def test_an_unknown_backend_in_the_environment_is_an_error_when_it_is_used(run_python):
    program = """
import unifw as uf
try:
    uf.zeros(1)
except uf.errors.UnknownBackendError as error:
    print(error)
"""
    message = run_python(program, UNIFW_BACKEND="nunpy")
    assert "Did you mean 'numpy'?" in message
    assert "environment variable UNIFW_BACKEND" in message


def test_a_configuration_file_with_a_wrong_name_says_so(run_python, tmp_path):
    (tmp_path / "settings.toml").write_text('backnd = "numpy"\n')
    program = """
import unifw as uf
try:
    uf.zeros(1)
except uf.errors.ArgumentError as error:
    print(error)
"""
    message = run_python(program, UNIFW_CONFIG=str(tmp_path / "settings.toml"))
    assert "backnd" in message
    assert "settings.toml" in message


@pytest.fixture
def settings(monkeypatch):
    """Let the configuration be at a path: from it to what the setting "floatx" is then."""

    def read(path):
        monkeypatch.setenv("UNIFW_CONFIG", str(path))
        return uf.config.setting("floatx")

    monkeypatch.delenv("UNIFW_FLOATX", raising=False)
    return read


def test_a_configuration_file_that_was_asked_for_must_exist(settings, tmp_path):
    with pytest.raises(ArgumentError, match=r"UNIFW_CONFIG names .*typo\.toml, which does not exist"):
        settings(tmp_path / "typo.toml")
    (tmp_path / "typo.toml").write_text('floatx = "float16"\n')
    assert settings(tmp_path / "typo.toml") == "float16"
    with pytest.raises(ArgumentError, match="does not exist"):
        settings(tmp_path / "typo.toml" / "under-a-file.toml")


def test_a_configuration_that_is_no_text_file_says_so(settings, tmp_path):
    with pytest.raises(ArgumentError, match=rf"{tmp_path} cannot be read: Is a directory"):
        settings(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ArgumentError, match=r"binary\.toml is not valid TOML"):
        settings(tmp_path / "binary.toml")


def test_without_one_that_was_asked_for_no_file_is_needed(monkeypatch, tmp_path):
    monkeypatch.delenv("UNIFW_CONFIG", raising=False)
    monkeypatch.delenv("UNIFW_FLOATX", raising=False)
    for home in (tmp_path, tmp_path / "nowhere"):
        monkeypatch.setenv("HOME", str(home))
        assert uf.config.setting("floatx") is None


def test_a_wrong_name_from_the_file_names_the_file(run_python, tmp_path):
    (tmp_path / "settings.toml").write_text('backend = "tensorflo"\ndevice = "gpu:9"\n')
    program = """
import unifw as uf
for backend in (None, "numpy"):
    try:
        uf.asarray([1.0], backend=backend)
    except (uf.errors.UnknownBackendError, uf.errors.DeviceError) as error:
        print(error)
"""
    unknown, absent = run_python(program, UNIFW_CONFIG=str(tmp_path / "settings.toml")).splitlines()
    assert "Did you mean 'tensorflow'?" in unknown
    assert "no device 'gpu:9' here" in absent
    assert all(str(tmp_path / "settings.toml") in message for message in (unknown, absent))


def test_an_unknown_device_lists_those_present(backend):
    with pytest.raises(uf.errors.DeviceError, match=r"no device 'quantum:7' here\. Present: .*cpu"):
        uf.zeros(1, device="quantum:7")


def test_the_device_setting_is_checked_and_used(backend):
    with uf.use_device("cpu"):
        assert uf.ones((2,)).device == "cpu"
