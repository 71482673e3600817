"""How the pages get into what is installed: built from their sources, the same each time."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from admin.session import page
from tests.built import FILES, build

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "bot" / "miniapp"
LEFT_OUT = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
PAGE = "bot/miniapp/dist/"


def node() -> str:
    """Without it a developer goes on, continuous integration does not."""
    node = shutil.which("node")
    command = [node or "", "-p", "process.versions.node"]
    version = subprocess.check_output(command, text=True) if node else "0"
    if node is None or int(version.split(".")[0]) < 20:
        pytest.skip("no node, or one older than 20")
    return node


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The repository without what is built, and with what must not get into a release."""
    tree = tmp_path / "tree"
    for name in ("bot", "crypto", "storage", "admin"):
        shutil.copytree(ROOT / name, tree / name, ignore=LEFT_OUT)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    for name in ("node_modules/x/index.js", "node_modules/x/dist/x.js"):
        (tree / "bot/miniapp" / name).parent.mkdir(parents=True)
        (tree / "bot/miniapp" / name).touch()
    return tree


def built(tree: Path, target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wheel_has_the_pages_and_not_their_sources(tree: Path):
    """They are found where the program looks for them."""
    build(tree / PAGE)
    ran = built(tree, "wheel")
    assert ran.returncode == 0, ran.stderr
    (path,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()

    assert sorted(name for name in names if "bot/miniapp" in name) == [
        PAGE + name for name in FILES
    ]
    assert {
        "admin/session/page.py",
        "admin/locales/vi.toml",
        "bot/web/page.py",
        "admin/rules/nq96-2023/regime.toml",
        "admin/prepare/templates/session.toml",
    } <= set(names)
    assert tree / PAGE == tree / page.FOLDER.relative_to(ROOT)


def test_a_source_archive_has_both(tree: Path):
    """A wheel can be made from it without node; the tests are in it, too."""
    build(tree / PAGE)
    ran = built(tree, "sdist")
    assert ran.returncode == 0, ran.stderr
    (path,) = (tree / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    expected = {PAGE + name for name in FILES} | {"bot/miniapp/package-lock.json"}
    assert expected | {"bot/miniapp/hatch_build.py", "pyproject.toml"} <= names
    assert [name for name in names if "node_modules" in name] == []


@pytest.mark.parametrize("target", ["wheel", "sdist"])
@pytest.mark.parametrize("name", page.PAGES)
def test_a_release_without_a_page_is_refused(tree: Path, target: str, name: str):
    """It says which one is missing and what to do."""
    build(tree / PAGE, name)
    ran = built(tree, target)

    assert ran.returncode != 0
    assert f"({name} missing" in ran.stderr
    assert "make page" in ran.stderr
    assert not (tree / "dist").exists() or not list((tree / "dist").iterdir())


def test_an_editable_install_goes_without(tree: Path):
    """A developer needs no node."""
    ran = built(tree, "wheel:editable")

    assert ran.returncode == 0, ran.stderr
    assert list((tree / "dist").glob("*.whl"))


def test_the_same_sources_make_the_same_pages(tmp_path: Path):
    """Wherever they lie: whoever builds them can compare the hashes with the record's."""
    node()
    modules = SOURCES / "node_modules"
    if not modules.is_dir():
        pytest.skip("the page's tools are not installed: run make page")
    wheels = []
    for place in (tmp_path / "one", tmp_path / "an other" / "place"):
        shutil.copytree(SOURCES, place, ignore=LEFT_OUT)
        (place / "node_modules").symlink_to(modules)
        subprocess.run(
            [shutil.which("npm") or "npm", "run", "--silent", "build"],
            cwd=place,
            check=True,
            capture_output=True,
        )
        wheels.append(page.read(place / "dist"))

    assert wheels[0] is not None
    assert wheels[0] == wheels[1]


def test_make_and_the_setup_know_a_node_that_is_there():
    """20 is new enough."""
    node()
    make = [shutil.which("make") or "make", "node"]
    ran = subprocess.run(make, cwd=ROOT, capture_output=True, check=False)
    setup = (ROOT / ".ci" / "setup").read_text("utf-8")

    assert (ran.returncode, ran.stderr) == (0, b"")
    (test,) = {line.split("'")[1] for line in setup.splitlines() if "node -e" in line}
    assert f"node -e '{test}'" in (ROOT / "Makefile").read_text("utf-8")


def made_without_node(tmp_path: Path, target: str, **environment: str) -> tuple[int, str]:
    """Exit status and errors of `make` where there is no node."""
    path = tmp_path / "bin"
    path.mkdir()
    for name in ("find", "sh"):
        (path / name).symlink_to(shutil.which(name) or name)
    ran = subprocess.run(
        [shutil.which("make") or "make", target],
        cwd=ROOT,
        env={"PATH": str(path), "LC_ALL": "C", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stderr


def test_make_goes_on_without_node(tmp_path: Path):
    """One line says that there will be no page."""
    status, output = made_without_node(tmp_path, "page-if-node")

    assert (status, output.count("\n")) == (0, 1)
    assert "node 20 or newer" in output


@pytest.mark.parametrize(
    ("target", "environment"),
    [("page", {}), ("page-if-node", {"CI": "true"}), ("types", {"CI": "true"})],
)
def test_who_needs_the_page_needs_node(tmp_path: Path, target: str, environment: dict[str, str]):
    """Asked for by name, or under CI, it is an error that node is not there."""
    assert made_without_node(tmp_path, target, **environment)[0] == 2
