"""What takes the place of what is not there: of a package, which only fails when it is used, and of a module that cannot be loaded."""

from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final, NoReturn

DEFINITIONS: Final = "#definitions"
"""What is added to a module's name for its definitions alone, which are asked for where all of it cannot be loaded.

No import statement can say it.
"""
UNIMPORTABLE: Final = "-notebook"
"""How the name of a notebook's module ends that no import statement is to find."""
LOADING: Final = "#loading "
"""How the names of functions begin that nobody has: to look for one is to learn how the loading of its module went.

A notebook of which statements raised has it: it raises the same.
"""


class PackageNotAvailable(ImportError):  # noqa: N818 - the name that students read
    """The code needs a package that this machine does not have."""


class Placeholder:
    """Loader of such a package and of all its submodules."""

    def __init__(self, package: str) -> None:
        self.package = package

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module that has every attribute."""
        return _Module(spec.name, self.package)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _Module(ModuleType):
    def __init__(self, name: str, package: str) -> None:
        super().__init__(name)
        vars(self)["_package"] = package

    def __getattr__(self, name: str) -> "Missing":
        return _attribute(vars(self)["_package"], name)


def _attribute(package: str, name: str) -> "Missing":
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)  # protocols ask for these, and must be told that there is none
    return Missing(package)


class Missing:
    """Anything that such a package would hold: it can be named, passed on, subclassed and set, but not used."""

    def __init__(self, package: str) -> None:
        vars(self)["_package"] = package

    def __getattr__(self, name: str) -> "Missing":
        return _attribute(vars(self)["_package"], name)

    def __setattr__(self, name: str, value: object) -> None:
        return

    def __setitem__(self, key: object, value: object) -> None:  # plt.rcParams["figure.figsize"] = ...
        return

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[type, ...]:
        return (type("Missing", (), {"__new__": lambda *_args, **_kwargs: _use(self)}),)


def _use(self: Missing, *_args: object, **_kwargs: object) -> NoReturn:
    package = vars(self)["_package"]
    kind = "name" if "." in package else "package"
    raise PackageNotAvailable(f"needs the {kind} {package!r}, which is not available here", name=package)


for _name in (
    "call", "iter", "next", "len", "bool", "contains", "getitem", "enter", "array", "int", "float", "index", "neg", "pos", "abs",
    "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv", "mod", "rmod", "pow", "rpow",
    "matmul", "rmatmul", "lt", "le", "gt", "ge",
):
    setattr(Missing, f"__{_name}__", _use)
