"""Every command with hostile words in each place and hostile files in each file's: a code, a sentence, nothing harmed.

Held in every case: the exit code is one that says something, there is no traceback, no file of another kind than the
command writes has changed, nothing half-written is left, and no secret is printed.
"""

import contextlib
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import proof
from light_scenario import LIGHT

from planner import cli

FULL = 4_000
CODES = {0, 2, 3, 4, 130, 141}
SECRET = "Zq9-nobody-may-read-this-Zq9"
CPU_S, PATIENCE_S, MEMORY = 20, 300, 4 << 30
"""Of one command: its own time, the time of a busy machine, and what it maps, most of it never touched [s, s, byte]."""

# Command -> its arguments, its options, and what it may change of what stands there before.
BASES: dict[str, tuple[str, str, set[str]]] = {
    "plan": ("light.yaml", "--draws 20", {"out"}),
    "gate": (
        "light.yaml",
        "--level one --readings reading.json --register register.sqlite --admit ocn-9 --by ops --metrics gate.prom",
        {"gate.prom", "register.sqlite"},
    ),
    "register new": ("fresh.sqlite", "", set()),
    "register add": (
        "ocn-7",
        "--level one --by ops --because May --register register.sqlite",
        {"register.sqlite"},
    ),
    "register release": ("ocn-1", "--by ops --register register.sqlite", {"register.sqlite"}),
    "register list": ("", "--register register.sqlite", set()),
    "register export": ("", "--register register.sqlite --out export.csv", {"export.csv"}),
    "register backup": ("copy.sqlite", "--register register.sqlite", {"backup.sqlite"}),
    "observe": (
        "",
        "--servers servers.toml --history history.sqlite --once --readings reading.json",
        {"history.sqlite", "reading.json"},
    ),
    "history import": ("meetings.csv", "--history history.sqlite --node a", {"history.sqlite"}),
    "calibrate": (
        "light.yaml",
        "--history meetings.csv --members members.csv --draws 20 --out learned.yaml",
        {"learned.yaml", "learned-week.csv", "learned"},
    ),
    "review": (
        "light.yaml",
        "--history meetings.csv --members members.csv --ledger ledger.csv --draws 20 --at 2021-10-04 --out reviewed",
        {"reviewed"},
    ),
    "compare": ("light.yaml learned.yaml", "--draws 20", {"out"}),
    "sweep": ("light.yaml", "--over offer.accounts=1,2 --draws 20 --workers 1", {"out"}),
    "new": ("mine.yaml", "", set()),
    "check": ("light.yaml", "--draws 20", set()),
    "explain": ("light.yaml offer.accounts", "--draws 20", set()),
    "csv": ("light.yaml", "--apply sheet.csv --out applied.yaml", set()),
    "schema": ("", "", set()),
}
MADE = (
    "register new register.sqlite",
    "register add ocn-1 --level one --by ops --because x --register register.sqlite",
    "register backup backup.sqlite --register register.sqlite",
    "register export --out export.csv --register register.sqlite",
    "history import meetings.csv --node a --history history.sqlite",
    "calibrate light.yaml --history meetings.csv --draws 20 --out learned.yaml",
    "plan light.yaml --draws 20 --consented thread",
    "gate light.yaml --level one --readings reading.json --register register.sqlite --metrics gate.prom",
)
"""What makes the good files that stand in the folder."""
NUMBERS = (
    *("0", "-1", "1", "1e20", "1e-300", "nan", "inf", "-inf", "", " 5 ", "٣", "0x10", "5.5", "1_000", "\udcff"),
    *("99999999999999", "9223372036854775807", "9223372036854775808", "1" * 400, "100000", "100001", "20001"),
)
WORDS = (
    *("", "\0", "\udcff", "a\nb", "x" * 5_000, "x" * 200_000, "../../x", "-1", "--help", "=1+1", "{", "[]", "a=b=c"),
    *("offer.accounts=1e20", "offer.accounts=nan", "horizon=\udcff", "offer.accounts=1..1e9:1e-9", "💥", "a\u202eb"),
    *("9999-12-31", "0001-01-01", "9999-12-31T23:59-23:59", "2021-13-01", "10000-01-01", "999999s", "tcp://x:99999999"),
)
PATHS = ("", ".", "..", "nul\0", "x" * 300, "a/" * 3_000, "\udcff.yaml", "nowhere/x", "light.yaml/x", "-", "a\nb")
OUTSIDE = ("/dev/null", "/dev/zero", "/dev/full", "/proc/self/mem", "/proc/self/environ", "/")
"""Only to be read: as root they could be replaced."""
SLIGHT = {"cut", "a byte flipped"}
READ_ONLY = {"scenario", "scenarios", "sources", "servers", "servers_file", "members", "ledger", "table", "accounts"}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    told: str


def prove(count: int, seed: int) -> str:
    """Run `count` hostile commands, each in a process of its own; return what was run."""
    os.environ |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
    for name in [name for name in os.environ if name.startswith("PLANNER_")]:
        del os.environ[name]
    _import_all()
    rng = random.Random(seed)
    failures, codes = list[str](), dict[int, int]()
    with tempfile.TemporaryDirectory() as above:
        template = Path(above) / "template"
        _template(template)
        for number in range(count):
            place = Path(above) / f"case-{number}"
            shutil.copytree(template, place, symlinks=True)
            command = rng.choice(list(BASES))
            words, hostile = _hostile(command, place, rng)
            done, wrong = _held(place, words, BASES[command][2], hostile)
            codes[done.code] = codes.get(done.code, 0) + 1
            if wrong:
                failures.append(f"case {number}: planner {_short(words)} [{hostile}]: {wrong}")
            shutil.rmtree(place)
    assert not failures, "\n  ".join([f"{len(failures)} of {count}", *failures])
    return f"{count} commands ({', '.join(f'{n} with {code}' for code, n in sorted(codes.items()))})"


def _import_all() -> None:
    """Import what commands import, once here and not in each process."""
    with click.Context(cli.planner) as context:
        for name in cli.COMMANDS:
            assert cli.planner.get_command(context, name)
    import planner.comparison
    import planner.report.comparison
    import planner.report.folder
    import planner.report.grid  # noqa: F401


def _template(place: Path) -> None:
    """Make a folder with a good file of every kind."""
    place.mkdir()
    files = {
        "light.yaml": LIGHT,
        "servers.toml": '[nodes.a]\nurl = "http://127.0.0.1:9/bigbluebutton/api"\nsecret_file = "secret.txt"\n',
        "secret.txt": f"{SECRET}\n",
        "secrets.env": f"BBB_SECRET={SECRET}\n",
        "secret.toml": f'[nodes.a]\nurl = "http://127.0.0.1:9/"\nsecret = "{SECRET}"\n',
        "meetings.csv": "start,end,users,account\n2021-04-05T10:00+01:00,2021-04-05T11:00+01:00,5,ocn-1\n",
        "members.csv": "account,level,pays,since,until\nocn-1,one,credit,2021-04-01,\n",
        "ledger.csv": "date,kind,amount,hours\n2021-04-28,fee,9.00,\n",
        "sheet.csv": "path,value\noffer.accounts,4\n",
        "rooms.csv": "meeting_id,account\nroom-1,ocn-1\n",
        "reading.json": json.dumps(
            {
                "schema": "planner.reading/1",
                "taken_at": datetime.now(UTC).isoformat(),
                "source": "a test",
                "nodes": {"a": {"rooms": 1, "users": 5}},
            }
        ),
    }
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
        (place / name).chmod(0o600)  # where secrets are, nobody else may read
    for line in MADE:
        done = run(place, line.split())
        assert done.code in (0, 3, 4), (line, done)
    (place / "loop").symlink_to("loop")
    (place / "dangling").symlink_to("not-there")
    (place / "link.sqlite").symlink_to("register.sqlite")
    os.link(place / "members.csv", place / "members-again.csv")


def _hostile(command: str, place: Path, rng: random.Random) -> tuple[list[str], str]:
    """Return the words to run, with one or two of them made hostile, or a file; and what was done."""
    arguments, options = (words.split() for words in BASES[command][:2])
    params = [param for param in _leaf(command).params if not getattr(param, "is_flag", False)]
    named = [word for word in (*arguments, *options) if (place / word).is_file()]
    if named and rng.random() < 0.4:
        return [*command.split(), *arguments, *options], _spoil(place, rng.choice(named), rng)
    for _ in range(rng.choice((1, 1, 2))):
        if not params:
            break
        param = rng.choice(params)
        value = _value(param, place, rng)
        if isinstance(param, click.Argument):
            where = [one.name for one in params if isinstance(one, click.Argument)].index(param.name)
            arguments[where] = value
        else:
            options += [param.opts[0], value]
    return [*command.split(), *arguments, *options], "a word"


def _leaf(command: str) -> click.Command:
    with click.Context(cli.planner) as context:
        found = cli.planner.get_command(context, command.split(maxsplit=1)[0])
    for name in command.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    assert found is not None
    return found


def _value(param: click.Parameter, place: Path, rng: random.Random) -> str:
    if isinstance(param.type, click.Path):
        inside = sorted(file.name for file in place.iterdir())
        outside = OUTSIDE if param.name in READ_ONLY else ()
        return rng.choice((*inside, *inside, *PATHS, *outside))
    if isinstance(param.type, click.IntRange | click.FloatRange):
        return rng.choice(NUMBERS)
    return rng.choice((*WORDS, *NUMBERS))


def _spoil(place: Path, name: str, rng: random.Random) -> str:
    """Put something else where a file stands; return what."""
    file = place / name
    whole = file.read_bytes()
    contents = {
        "empty": b"",
        "one byte": b"{",
        "noise": rng.randbytes(3_000),
        "nothing but NUL": bytes(4_096),
        "one long line": b"a" * 2_000_000,
        "cut": whole[: rng.randrange(max(1, len(whole)))],
        "a byte flipped": _flipped(whole, rng),
    }
    others = sorted(one.name for one in place.iterdir() if one.is_file() and not one.is_symlink() and one != file)
    ways = [*contents, *("other",) * 6, "a folder", "a loop", "/dev/zero", "dangling", "missing", "unreadable"]
    way = rng.choice(ways)
    file.unlink()
    if way in contents:
        file.write_bytes(contents[way])
    elif way == "other":
        way = rng.choice(others)
        shutil.copyfile(place / way, file)
    elif way == "a folder":
        file.mkdir()
    elif way == "unreadable":  # for all but root
        file.write_bytes(whole)
        file.chmod(0)
    elif way != "missing":
        file.symlink_to({"a loop": name, "dangling": "not-there"}.get(way, way))
    return f"{name}: {way}"


def _flipped(whole: bytes, rng: random.Random) -> bytes:
    where = rng.randrange(len(whole))
    return whole[:where] + bytes([whole[where] ^ (1 << rng.randrange(8))]) + whole[where + 1 :]


def _held(place: Path, words: Sequence[str], may_change: set[str], hostile: str) -> tuple[Done, str]:
    """Run a command; return how it ended and what is wrong with that, "" if nothing."""
    before = dict(_seen(place))
    done = run(place, words)
    after = dict(_seen(place))
    spoilt, _, way = hostile.partition(": ")
    # what still bears its mark is of its kind; a database that does not is nobody's to write to
    if way == "unreadable" or (way in SLIGHT and not spoilt.endswith(".sqlite")):
        spoilt = ""
    harmed = [
        name
        for name, was in before.items()
        if after.get(name) != was and (name == spoilt or name.split("/")[0] not in may_change)
    ]
    # SQLite may keep its own files beside a database that is open
    harmed = [name for name in harmed if not name.endswith(("-wal", "-shm", "-journal"))]
    left = [name for name in after if name not in before and ".planner-" in name]
    if done.code not in CODES:
        return done, f"it left with {done.code}: {done.told[-300:]!r}"
    if "Traceback" in done.told:
        return done, f"a traceback: {done.told[-300:]!r}"
    if SECRET in done.told:
        return done, f"a secret is printed: {done.told[:300]!r}"
    if harmed:
        return done, f"changed: {', '.join(harmed)}, code {done.code}"
    return done, f"left behind: {', '.join(left)}" if left and done.code != 130 else ""


def _seen(place: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of everything in a folder, with what tells whether it has changed."""
    for file in sorted(place.rglob("*")):
        if file.is_symlink():
            yield str(file.relative_to(place)), os.readlink(file)
        elif file.is_file():
            yield str(file.relative_to(place)), hashlib.sha256(file.read_bytes()).hexdigest()


def run(place: Path, words: Sequence[str], patience_s: float = PATIENCE_S) -> Done:
    """Run a command in a forked process, in a folder, with little memory and time."""
    with tempfile.TemporaryFile() as told:
        child = os.fork()
        if child == 0:
            _be_the_command(place, words, told.fileno())
        end, status = time.monotonic() + patience_s, 0
        while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.005)
        status = os.waitstatus_to_exitcode(ended[1])
        told.seek(0)
        return Done(status, told.read(1_000_000).decode("utf-8", "replace"))


def _be_the_command(place: Path, words: Sequence[str], told: int) -> None:
    """Become the command and end with its code; never return."""
    code = 1
    try:
        os.chdir(place)
        null = os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate((null, told, told)):
            os.dup2(file, number)
        # pytest has put its own in their places
        sys.stdout, sys.stderr = (open(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))  # noqa: SIM115
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        sys.argv = ["planner", *words]
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:  # as Python itself would: what main lets through is a fault
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _short(words: Sequence[str]) -> str:
    return " ".join(ascii(word) if len(word) < 60 else f"{word[:20]!a}…({len(word)})" for word in words)


if __name__ == "__main__":
    proof.main("commands", prove, FULL)
