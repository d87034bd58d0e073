"""Reading Dockerfiles, and what a build takes from a folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.container_images.building import build, context_files
from rehearsal.container_images.dockerfile import parse
from rehearsal.container_images.errors import ImageError

TEXT = """\
# syntax=docker/dockerfile:1
FROM python:3.11

  env A=1 \\
      # in between
      B="two words"
COPY --chmod=755 a.py ["b c.py"] /app/
cmd ["serve", "now"]
"""


def test_instructions_have_lines_names_flags_and_joined_text() -> None:
    found = [(each.line, each.name, dict(each.flags), each.text) for each in parse(TEXT)]
    assert found == [
        (2, "FROM", {}, "python:3.11"),
        (4, "ENV", {}, 'A=1 B="two words"'),
        (7, "COPY", {"chmod": "755"}, 'a.py ["b c.py"] /app/'),
        (8, "CMD", {}, '["serve", "now"]'),
    ]
    assert parse(TEXT)[1].words() == ["A=1", "B=two words"]
    assert parse(TEXT)[3].words() == ["serve", "now"]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    try:
        instructions = parse(text)
    except ImageError as error:
        assert str(error).startswith("Dockerfile:")  # noqa: PT017
    else:
        lines = len(text.splitlines())
        assert all(1 <= each.line <= lines for each in instructions)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("/app:$PATH", "/app:/bin"),
        ("${PATH}x", "/binx"),
        ("${NONE:-other}", "other"),
        ("$NONE.", "."),
        (r"\$PATH", "$PATH"),
    ],
)
def test_variables(text: str, expanded: str) -> None:
    (instruction,) = parse(f"ENV {text}")
    assert instruction.expanded({"PATH": "/bin"}).text == expanded


def image_files(folder: Path, images: Path, dockerfile: str) -> dict[str, str]:
    (folder / "Dockerfile").write_text(f"FROM python:3.11\n{dockerfile}\n")
    image = build(folder, images, lambda line: None)
    return {
        path.relative_to(image.root).as_posix(): path.read_text()
        for path in image.root.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    for name in ("a.py", "b.py", "train", "package/one.py", "package/deep/two.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("COPY a.py /x.py", {"x.py"}),
        ("COPY a.py /x/", {"x/a.py"}),
        ("WORKDIR /app\nCOPY a.py b.py ./", {"app/a.py", "app/b.py"}),
        ("COPY *.py /app/", {"app/a.py", "app/b.py"}),
        ("COPY package /app", {"app/one.py", "app/deep/two.py"}),
        ("COPY package/*.py /app/", {"app/one.py"}),
        ("COPY package/deep/ /app/", {"app/two.py"}),
        ("WORKDIR /a\nWORKDIR b\nCOPY train .", {"a/b/train"}),
        ("ENV AT=/here\nCOPY train $AT/", {"here/train"}),
    ],
)
def test_what_copy_copies(
    folder: Path, tmp_path: Path, dockerfile: str, expected: set[str]
) -> None:
    files = image_files(folder, tmp_path / "images", dockerfile)
    assert set(files) == expected


def test_what_is_ignored(folder: Path, tmp_path: Path) -> None:
    (folder / ".dockerignore").write_text("# tests\n*.py\n**/deep\n.dockerignore\n")
    assert [path.as_posix() for path in context_files(folder)] == ["train"]


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ("COPY ../secret .", "COPY ../secret .: ../secret is outside of the build's folder"),
        ("COPY --from=build a.py .", "COPY a.py .: --from is not available in the rehearsal"),
        ("FROM python:3.12", "a second stage is not available"),
        ("RUN pip install numpy && rm -rf /tmp/x", "runs only `pip install` and `chmod MODE FILE`"),
        ("RUN pip install --index-url=x numpy", "the flag --index-url=x of pip is not available"),
        ("RUN chmod 755 absent", "cannot access 'absent': No such file or directory"),
        ("ENV A", "Dockerfile:2: ENV A: must have the form NAME=VALUE"),
        ('CMD ["serve"', "Dockerfile:3: VOLUME /data: not available in the rehearsal"),
    ],
)
def test_what_a_build_refuses(folder: Path, tmp_path: Path, dockerfile: str, said: str) -> None:
    with pytest.raises(ImageError) as refused:
        image_files(folder, tmp_path / "images", f"{dockerfile}\nVOLUME /data")
    assert said in str(refused.value)
    assert str(refused.value).startswith("Dockerfile:")
    assert list((tmp_path / "images").iterdir()) == []


def test_the_same_files_are_built_once(folder: Path, tmp_path: Path) -> None:
    (folder / "Dockerfile").write_text("FROM python:3.11\nCOPY train /\n")
    said: list[str] = []
    images = tmp_path / "images"
    first = build(folder, images, said.append)
    again = build(folder, images, said.append)
    assert said[-1].startswith("CACHED")
    assert again.digest == first.digest
    (folder / "train").write_text("other")
    assert build(folder, images, said.append).digest != first.digest
