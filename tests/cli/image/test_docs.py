"""docs/image.md says what its commands print; and the command's own help."""

import json
import re

import yaml

from tests.cli.image import page


def test_the_page_is_what_the_commands_print() -> None:
    assert page.PAGE.read_text() == page.page(), "docs/image.md is out of date: `make docs` writes it"


def test_the_exit_status_and_what_is_pasted() -> None:
    with page.running() as run:
        status, printed = run("lifecycle image web.tar 2>/dev/null")
        assert status == 0
        assert run("lifecycle image gone.tar")[0] == run(f"lifecycle image {page.HOST}/acme/web:2")[0] == 2
        assert run("lifecycle image gone.tar 2>/dev/null") == (2, "")
        assert run("lifecycle image web.tar 2>&-")[0] == 0
        entry = json.loads(run("lifecycle image web.tar --output json")[1])["entry"]
    assert yaml.safe_load(printed.splitlines()[-1]) == entry  # JSON, and so YAML
    (block,) = re.findall(r"```yaml\n(.*?)```", page.PAGE.read_text(), re.DOTALL)
    assert yaml.safe_load(block) == {"shutdown-practice": {"images": [entry]}}


def test_the_help_and_what_is_no_platform() -> None:
    with page.running() as run:
        status, said = run("lifecycle image --help")
        assert status == 0
        for line in ("lifecycle image nginx:1.27", "docker save acme/web | lifecycle image -"):
            assert f"  {line}\n" in said
        wrong = "lifecycle image: --platform: 'arm64' is not a platform; write it like linux/amd64\n"
        assert run("lifecycle image web.tar --platform arm64") == (2, wrong)
