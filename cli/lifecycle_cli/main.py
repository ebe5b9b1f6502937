"""The command line."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from . import options, version
from .audit import arguments as audit
from .outputs import LEVELS, OUTPUTS, takes_colour
from .rollout import arguments as rollout
from .trace import arguments as trace
from .verify import arguments as verify

if TYPE_CHECKING:
    from .inspecting import Inspector

FOUND, NOT_JUDGED = 1, 2
_EXAMPLES: Final = """\
examples:
  lifecycle check deploy/                          all manifests in a folder that git does not ignore
  helm template ./chart | lifecycle check -        the manifests that a chart renders
  lifecycle check --output sarif deploy/ > lifecycle.sarif
  lifecycle check --diff deploy/                   what --fix would change
  lifecycle check --write-baseline --baseline lifecycle.json deploy/
  lifecycle check --baseline lifecycle.json deploy/

exit status:
  0  no finding at or above --fail-on
  1  at least one such finding
  2  a file could not be checked, or the command line or the configuration is wrong
"""
_IMAGE_EXAMPLES: Final = """\
examples:
  lifecycle image nginx:1.27
  lifecycle image ghcr.io/acme/web:1.4 --platform linux/arm64
  docker save acme/web | lifecycle image -
  lifecycle image build/web.tar --output json

An argument that begins with /, ./, ../ or ~, or ends with / or an archive's suffix (.tar, .tar.gz, .tgz, .tar.zst,
.oci), is a file or folder. Anything else is an image reference: the command reads it from its registry, with the
logins of `docker login`.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file's name may be no text
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout is None:
        return _wrong("standard output is closed")
    parser = make_parser()
    args = parser.parse_args(arguments)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        _forget_output()
        return 128 + 13
    except OSError as error:  # standard output is full, or the current folder is gone: no finding, which 1 would be
        _forget_output()
        where = f"{error.filename}: " if error.filename else ""
        return _wrong(f"{where}{(error.strerror or str(error)).lower()}")
    except KeyboardInterrupt:
        return 128 + 2
    return status


def _forget_output() -> None:
    """Drops what still cannot be written, for Python would try again as it ends, and exit with a status of its own."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Command(argparse.ArgumentParser):
    """Refuses an option that it does not know by its own usage, not by that of the program above it."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}; `{self.prog} --help` lists what it takes")
        return known, unknown


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_name(),
        description="Checks Kubernetes lifecycle hooks: whether they exist, whether they work, and how to fix them.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    # a name is given, for argparse would look at the terminal for one
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=_name(), parser_class=_Command)
    _add_check(commands)
    _add_image(commands)
    audit.add(commands)
    trace.add(commands)
    verify.add(commands)
    rollout.add(commands)
    _add_explain(commands)
    _add_rules(commands)
    _add_completion(commands, parser)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"lifecycle {version()}")
        parser.exit()


def _name() -> str:
    return "kubectl lifecycle" if Path(sys.argv[0]).name.startswith("kubectl") else "lifecycle"


def _add_check(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="check the lifecycle hooks in manifests",
        description="Checks the lifecycle hooks in manifests, which come from files, folders or standard input.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.set_defaults(run=_check)
    check.add_argument("paths", metavar="PATH", nargs="+", help="a file or a folder, or - for standard input")
    check.add_argument("--output", choices=OUTPUTS, default="text", help="output format (default: text)")
    options.add_selection(check)
    which = options.add_configuration(check, "the first path", "the cluster's Kubernetes version, e.g. 1.34")
    which.add_argument(
        "--show-exempted", action="store_true", help="also list the exempt findings, and why they are exempt"
    )
    which.add_argument(
        "--inspect-images",
        action="store_true",
        help="read the image of each exec hook from its registry, and check which programs it really has",
    )
    recorded = check.add_argument_group("baseline")
    recorded.add_argument(
        "--baseline", metavar="FILE", type=Path, help="a record of known findings: only new ones count"
    )
    recorded.add_argument(
        "--write-baseline", action="store_true", help="record the current findings in the --baseline file"
    )
    mending = check.add_argument_group("fixes")
    mending.add_argument("--fix", action="store_true", help="fix in the files what can be fixed safely")
    mending.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")


def _add_image(commands: Any) -> None:
    image = commands.add_parser(
        "image",
        help="list the programs in an image",
        description=(
            "Lists the shells and tools in an image without running it, and prints an entry for `images` in the "
            "configuration."
        ),
        epilog=_IMAGE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    image.set_defaults(run=_image)
    image.add_argument(
        "image", metavar="REF|ARCHIVE", help="an image reference, an archive (- for standard input), or a folder"
    )
    image.add_argument(
        "--platform", metavar="OS/ARCH", help="e.g. linux/arm64 (default: this machine's, if the image has it)"
    )
    image.add_argument("--output", choices=("text", "json"), default="text", help="output format (default: text)")


def _add_explain(commands: Any) -> None:
    explain = commands.add_parser(
        "explain",
        help="explain a rule",
        description="Explains a rule: the reason, the fix, and what a real node did.",
    )
    explain.set_defaults(run=_explain)
    explain.add_argument("rule", metavar="RULE", help="the rule's id, e.g. prestop-budget")


def _add_rules(commands: Any) -> None:
    rules = commands.add_parser("rules", help="list the rules", description="Lists all rules.")
    rules.set_defaults(run=_rules)
    rules.add_argument("--output", choices=("text", "json"), default="text", help="output format (default: text)")


def _add_completion(commands: Any, parser: argparse.ArgumentParser) -> None:
    completion = commands.add_parser(
        "completion",
        help="print a shell completion script",
        description="Prints the completion script of a shell.",
        epilog='example:\n  eval "$(lifecycle completion bash)"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    completion.set_defaults(run=lambda args: _completion(args, parser))
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _wrong(message: str) -> int:
    print("\n".join(f"{_name()}: {line}" for line in message.splitlines()), file=sys.stderr)
    return NOT_JUDGED


def _image(args: argparse.Namespace) -> int:
    from .image.command import run

    return run(args)


def _check(args: argparse.Namespace) -> int:
    from . import baseline
    from .checking import Checker
    from .configuration import ConfigurationError, configuration, discovered
    from .outputs import written
    from .paths import files
    from .progress import Line
    from .reading import STDIN

    if args.write_baseline and not args.baseline:
        return _wrong("--write-baseline: name the file to write with --baseline FILE")
    if STDIN in args.paths and (args.fix or args.diff):
        option = "--diff: compares" if args.diff else "--fix: changes"
        return _wrong(f"{option} files, and not standard input; name the files")
    first = Path("." if args.paths[0] == STDIN else args.paths[0])
    file = args.config or (None if args.no_config else discovered(first.absolute()))
    try:
        settings = configuration(
            file, args.profile, args.kubernetes, options.names(args.select), options.names(args.ignore)
        )
    except ConfigurationError as error:
        return _wrong(str(error))
    checker = Checker(settings, inspector=_inspector() if args.inspect_images else None)
    found = list(files(args.paths))
    changed = False
    if args.fix or args.diff:
        changed = _fix([each.path for each in found if each.path != STDIN], settings, is_written=not args.diff)
    line = Line()
    try:
        for number, name in enumerate(checker.check(found), 1):
            line.tell(f"{number}/{len(found)} {name[-60:]}")
    finally:
        line.done()
    report = checker.report
    try:
        if args.write_baseline:
            count = baseline.write(args.baseline, report)
            print(f"{args.baseline}: {count} {'finding' if count == 1 else 'findings'} recorded", file=sys.stderr)
        if args.baseline:
            baseline.apply(args.baseline, report, settings.selected)
    except baseline.BaselineError as error:
        return _wrong(str(error))
    for each in report.gone:
        print(f"{args.baseline}: no longer found: {each}", file=sys.stderr)
    if not args.diff:
        if args.output == "sarif":
            from .fixing import offered

            report.fixes = offered(report.findings, settings)
        text = written(args.output, report, is_terminal=takes_colour(), shows_exempted=args.show_exempted)
        sys.stdout.write(text)
        sys.stdout.flush()
    if report.problems:
        return NOT_JUDGED
    at = LEVELS.index(args.fail_on)
    is_found = any(LEVELS.index(each.level) <= at for each in report.findings)
    return FOUND if is_found or (args.diff and changed) else 0


def _inspector() -> Inspector:
    from .inspecting import Inspector  # with all that reads images

    return Inspector()


def _fix(paths: list[str], settings: Any, *, is_written: bool) -> bool:
    """Whether there is anything to fix. Prints what it fixed, and what it did not."""
    from .fixing import fixed, write

    changed = False
    for path in paths:
        result = fixed(path, settings)
        if result is None:
            continue
        if not is_written:
            sys.stdout.write(result.diff(path))
        elif result.before != result.after:
            try:
                write(path, result)
            except OSError as error:
                result.fail((error.strerror or str(error)).lower())
        for each in result.fixes:
            to = f"{each.path} = {json.dumps(each.value)}"
            if each.why_not:
                print(f"{path}:{each.line}: not fixed: {to}: {each.why_not}", file=sys.stderr)
            elif is_written:
                print(f"{path}:{each.line}: fixed: {to}", file=sys.stderr)
        changed = changed or result.before != result.after
    return changed


def _explain(args: argparse.Namespace) -> int:
    from .explaining import page

    try:
        sys.stdout.write(page(args.rule))
    except LookupError as error:
        return _wrong(str(error.args[0]))
    return 0


def _rules(args: argparse.Namespace) -> int:
    from .explaining import table

    sys.stdout.write(table(args.output))
    return 0


def _completion(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    import shtab

    print(shtab.complete(parser, args.shell))
    return 0


def run() -> NoReturn:
    """The entry point."""
    sys.exit(main())
