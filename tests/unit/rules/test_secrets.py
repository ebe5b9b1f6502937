"""The group `secrets`. What looks like a token is put together here, so that no scanner takes this file for a leak."""

import time
from typing import Any

import pytest

from lifecycle_rules import UNKNOWN, Group, check
from lifecycle_rules.script import MAX_COMMAND
from lifecycle_rules.shell import MAX_SCRIPT_BYTES

SHOWN = "everyone who can read the Pod can read it"
ARGV, HTTP = "hook-secret-argv", "hook-secret-httpget"
PASSWORD = "hunter2"
KEY = "abcdefg1"  # as short as a token may be
LONG_WORD = "abcdefghijklmnopqrst"
GITHUB = "ghp" + "_" + "A" * 36
GITLAB = "glpat" + "-" + "a" * 20


def found(hook: Any, event: str = "preStop") -> list[tuple[str, str, str]]:
    obj = {"spec": {"containers": [{"name": "c", "lifecycle": {event: hook}}]}}
    prefix = f"spec.containers[0].lifecycle.{event}."
    of_group = [each for each in check("Pod", obj) if each.rule.group is Group.SECRETS]
    assert {each.container for each in of_group} <= {"c"}
    return [(each.rule.id, each.path.removeprefix(prefix), each.message) for each in of_group]


def command(*words: Any) -> dict[str, Any]:
    return {"exec": {"command": list(words)}}


def shell(script: str) -> dict[str, Any]:
    return command("sh", "-c", script)


def get(**action: Any) -> dict[str, Any]:
    return {"httpGet": {"port": 80, **action}}


def header(name: Any, value: Any) -> dict[str, Any]:
    return get(httpHeaders=[{"name": name, "value": value}])


def in_command(what: str | None, below: str = "") -> list[tuple[str, str, str]]:
    return [(ARGV, f"exec.command{below}", f"{what}: {SHOWN}")] if what else []


def in_http_get(what: str | None, below: str) -> list[tuple[str, str, str]]:
    return [(HTTP, f"httpGet.{below}", f"{what}: {SHOWN}")] if what else []


JWT = ("eyJ" + "a" * 8, "eyJ" + "b" * 8, "c" * 8)
WEBHOOK = "hooks." + "slack.com/services"
DASHES = "-" * 5

FORMATS: list[Any] = [
    *(("an AWS access key", start + "IA" + "Z9" * 8) for start in ("AK", "AS")),
    *(("an AWS access key", "AK" + "IA" + text) for text in ("B7KXAMPLE0" + "EXAMPL", "Q5" * 8)),
    ("a GitHub token", "ghp" + "_" + "mK5Z" * 9),
    *(("a GitHub token", f"gh{kind}" + "_" + "aZ0" * 12) for kind in "pousr"),
    ("a GitHub token", "ghp" + "_" + "a" * 255),
    ("a GitHub token", "github" + "_pat_" + "aZ0_" * 5 + "aa"),
    ("a GitHub token", "github" + "_pat_" + "a" * 255),
    ("a GitLab token", "glpat" + "-" + "aZ0_-" * 4),
    *(("a Slack token", f"xox{kind}" + "-" + "aZ0_-" * 2) for kind in "abposr"),
    ("a Slack webhook", f"https://{WEBHOOK}" + "/T12/B34/c"),
    ("a Google API key", "AI" + "za" + "aZ0_-" * 7),
    *(("a Stripe key", f"{kind}k" + "_live_" + "mK5Z" * 4) for kind in "rs"),
    *(("a HashiCorp Vault token", f"hv{kind}" + "." + "aZ0_-9" * 4) for kind in "sb"),
    ("a JSON Web Token", ".".join(JWT)),
    ("a JSON Web Token", ".".join(("eyJ" + "a" * 4096, JWT[1], "c-" * 4))),
    ("a JSON Web Token", ".".join(("eyJ" + "aZ0_-" * 2, "eyJ" + "-" * 4096, "_" * 4096))),
    *(
        ("a private key", f"{DASHES}BEGIN {kind}PRIVATE" + f" KEY{DASHES}")
        for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "A" * 16 + " ", "AA BB CC ")
    ),
]


@pytest.mark.parametrize(("what", "token"), FORMATS)
def test_a_token_of_a_well_known_format(what: str, token: str) -> None:
    for event in ("postStart", "preStop"):
        assert found(command("drain", "--to", token), event) == in_command(what, "[2]")
        assert found(header("X-Note", token), event) == in_http_get(what, "httpHeaders[0].value")
    assert found(command(token)) == in_command(what, "[0]")
    assert found(shell(f"drain; login '{token}'")) == in_command(what, "[2]")
    assert found(command("a", f"x={token}")) == in_command(what, "[1]")
    assert found(get(path=f"/drain?key={token}")) == in_http_get(what, "path")
    assert found(get(path=token, httpHeaders=({}, {"name": "A", "value": token}))) == [
        *in_http_get(what, "path"),
        *in_http_get(what, "httpHeaders[1].value"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "AK" + "IA" + "A" * 15,
        "AK" + "IA" + "A" * 17,
        "AK" + "IA" + "a" * 16,
        "AB" + "IA" + "A" * 16,
        "xAK" + "IA" + "A" * 16,
        "AK" + "IA" + "IOSFODNN7" + "EXAMPLE",
        "AS" + "IA" + "EXAMPLE" + "A" * 9,
        "ghp" + "_" + "a" * 35,
        "ghp" + "_" + "a" * 256,
        "ghp" + "_" + "a" * 30 + "_" + "a" * 30,
        "ghx" + "_" + "a" * 36,
        "xghp" + "_" + "a" * 36,
        "github" + "_pat_" + "a" * 21,
        "github" + "_pat_" + "a" * 256,
        "github" + "_pat_" + "a" * 21 + "-a",
        "glpat" + "-" + "a" * 19,
        "xglpat" + "-" + "a" * 20,
        "glpat" + "_" + "a" * 20,
        "xoxb" + "-" + "a" * 9,
        "xoxc" + "-" + "a" * 10,
        "axoxb" + "-" + "a" * 10,
        f"{WEBHOOK}/B1/T2/c",
        f"{WEBHOOK}/T1/B2",
        f"{WEBHOOK}/T1/B2/",
        f"{WEBHOOK}/T1/B234",
        f"{WEBHOOK}/T/B2/c",
        f"{WEBHOOK}/T1/B/c",
        f"x{WEBHOOK}/T1/B2/c",
        "hooks-slack.com/services/T1/B2/c",
        "hooks.slack-com/services/T1/B2/c",
        "hooks.slack.com/workflows/T1/B2/c",
        "AI" + "za" + "a" * 34,
        "AI" + "za" + "a" * 36,
        "AI" + "za" + "a" * 35 + "-",
        "xAI" + "za" + "a" * 35,
        "sk" + "_live_" + "a" * 15,
        "pk" + "_live_" + "a" * 16,
        "sk" + "_test_" + "a" * 16,
        "xsk" + "_live_" + "a" * 16,
        "hvs" + "." + "a" * 23,
        "hvr" + "." + "a" * 24,
        "xhvs" + "." + "a" * 24,
        "hvs" + "-" + "a" * 24,
        ".".join(("eyJ" + "a" * 7, *JWT[1:])),
        ".".join((JWT[0], "eyJ" + "b" * 7, JWT[2])),
        ".".join((*JWT[:2], "c" * 7)),
        ".".join((JWT[0], "b" * 11, JWT[2])),
        ".".join(JWT[:2]),
        "-".join(JWT),
        f"{JWT[0]}/{JWT[1]}.{JWT[2]}",
        f"{JWT[0]}.{JWT[1]}/{JWT[2]}",
        "x" + ".".join(JWT),
        "-" + ".".join(JWT),
        ".".join(("eyJ" + "a" * 4097, *JWT[1:])),
        ".".join((JWT[0], "eyJ" + "b" * 4097, JWT[2])),
        f"{DASHES}BEGIN PUBLIC KEY{DASHES}",
        f"{DASHES}BEGIN CERTIFICATE{DASHES}",
        f"{DASHES}END PRIVATE" + f" KEY{DASHES}",
        f"{DASHES}BEGIN A PRIVATE" + f" KEY{DASHES}",
        f"{DASHES}BEGIN rsa PRIVATE" + f" KEY{DASHES}",
        f"{DASHES}BEGIN {'A' * 17} PRIVATE" + f" KEY{DASHES}",
        f"{DASHES}BEGIN AA BB CC DD PRIVATE" + f" KEY{DASHES}",
        f"{DASHES}BEGIN PRIVATE" + " KEY----",
        "----BEGIN PRIVATE" + f" KEY{DASHES}",
    ],
)
def test_what_only_resembles_a_token(text: str) -> None:
    assert found(command("drain", text)) == []
    assert found(get(path=text)) == []
    assert found(header("X-Note", text)) == []


def test_the_first_token_of_a_command_is_told_and_nothing_more() -> None:
    assert found(command("drain", "-a", UNKNOWN, GITLAB, GITHUB)) == in_command("a GitLab token", "[3]")
    assert found(command("drain", f"{GITLAB} {GITHUB}")) == in_command("a GitHub token", "[1]")
    assert found(command("drain", "--password", PASSWORD, GITLAB)) == in_command("a GitLab token", "[3]")


HEADERS = ["authorization", "x-api-key", "api-key", "x-auth-token", "x-vault-token", "private-token"]


@pytest.mark.parametrize("name", HEADERS)
def test_a_header(name: str) -> None:
    what = f"a literal {name} header"
    for written in (name, name.upper(), name.title(), f"proxy-{name}", f"Proxy-{name}"):
        assert found(header(written, KEY)) == in_http_get(what, "httpHeaders[0].value")
        for text in (f"{written}: {KEY}", f"{written}:{KEY}", f"{written}  :\t{KEY}"):
            assert found(command("curl", "-H", text, "x")) == in_command(what)
            assert found(shell(f"curl -H '{text}' x")) == in_command(what)
    for written in (f"x{name}", f"{name}s", f"proxy{name}", f"proxy-proxy-{name}"):
        assert found(header(written, KEY)) == found(command("curl", f"{written}: {KEY}")) == []
    assert found(command("curl", "-H", f"{name}; {KEY}")) == []
    assert found(command("curl", "-H", f"{name}:  {KEY[1:]}")) == []
    assert found(command(f"{name}: {KEY}", "x")) == []


@pytest.mark.parametrize("scheme", ["Bearer ", "basic ", "TOKEN ", "ApiKey  ", "bearer\t"])
def test_the_scheme_of_an_authorization_is_no_part_of_the_secret(scheme: str) -> None:
    expected = in_http_get("a literal authorization header", "httpHeaders[0].value")
    assert found(header("Authorization", scheme + KEY)) == expected
    assert found(header("Authorization", f"{scheme}{scheme}abcdef1")) == expected
    assert found(header("Authorization", f"{scheme.strip()}abc1")) == expected
    for value in ("abcdef1", LONG_WORD[:-1], "$TOKEN", "${TOKEN}123", "<token-1234>", "/run/secrets/1", ""):
        assert found(header("Authorization", scheme + value)) == []


@pytest.mark.parametrize(
    ("value", "is_secret"),
    [
        (KEY, True),
        (KEY[1:], False),
        ("abcdefgh", False),
        ("password", False),
        (LONG_WORD, True),
        (LONG_WORD[1:], False),
        ("1" * 8, True),
        ("a b c d 1", True),
        ("a\nb\nc\nd 1", True),
    ],
)
def test_what_is_a_token_has_a_digit_in_it_or_is_long(value: str, is_secret: bool) -> None:
    def expected(what: str) -> str | None:
        return what if is_secret else None

    assert found(header("X-Api-Key", value)) == in_http_get(
        expected("a literal x-api-key header"), "httpHeaders[0].value"
    )
    assert found(command("a", f"--token={value}")) == in_command(expected("a literal --token"))
    assert found(command("a", "--api-key", value)) == in_command(expected("a literal --api-key"))
    assert found(command("env", f"API_TOKEN={value}", "a")) == in_command(expected("a literal API_TOKEN"))


NO_SECRETS = [
    *("", "a", "ab", "/run/secrets/key1", "@/run/key1", "arn:aws:key1", "env:KEY1", "file:key1", "ref+x://key1"),
    *("vault:key1", "<password1>", "{{ password1 }}", "[password1]", "(password1)", "$PASSWORD1", "pre$PASSWORD1"),
    *("pre${PASSWORD1}post", "xxx", "XXXX", "***", "...", "x*X.", "redacted", "REDACTED", "none", "null", "true"),
    *("false", "yes", "off", "stdin", "default", "anonymous", "Anonymous", "from-env", "from-SECRET_1", "a\n$b"),
    "<a\nb>",
]


@pytest.mark.parametrize("value", NO_SECRETS)
def test_what_is_no_literal_secret(value: str) -> None:
    assert found(command("a", f"--password={value}")) == []
    assert found(command("a", "--password", value)) == []
    assert found(command("env", f"PASSWORD={value}", "a")) == []
    assert found(command("mysql", f"-p{value}")) == []
    assert found(command("redis-cli", "-a", value, "PING")) == []
    assert found(command("curl", "-u", f"admin:{value}", "x")) == []
    assert found(header("Authorization", value)) == []


@pytest.mark.parametrize(
    "value",
    [
        *("abc", "hunter2", "nonesuch", "trueish", "yesterday", "offline", "defaults", "xxa", "from-", "from", "1.2"),
        *("a/b", "a@b", "arn", "a<b>", "a{b}", "env", "xvault:1", "nulls", "falsey", "stdin1", "unredacted", "nobody"),
    ],
)
def test_a_password_may_be_any_word(value: str) -> None:
    assert found(command("a", f"--password={value}")) == in_command("a literal --password")
    assert found(command("a", "--password", value)) == in_command("a literal --password")
    assert found(command("env", f"PASSWORD={value}", "a")) == in_command("a literal PASSWORD")
    assert found(command("mysql", f"-p{value}")) == in_command("a literal -p of mysql")
    assert found(command("redis-cli", "-a", value)) == in_command("a literal -a of redis-cli")
    assert found(command("curl", "-u", f"admin:{value}", "x")) == in_command("a literal user and password")


OPTIONS = [
    *("password", "passwd", "passphrase", "client-secret", "clientsecret", "token", "api-key", "apikey"),
    *("access-key", "accesskey", "secret-key", "secretkey", "db-password", "auth-token", "x-api-key"),
]


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_for_a_secret(name: str) -> None:
    what = in_command(f"a literal --{name}")
    for written in (f"--{name}", f"-{name}", f"--{name.upper()}"):
        assert found(command("a", written, KEY)) == what
        assert found(command("a", f"{written}={KEY}", "b")) == what
        assert found(shell(f"b; a {written} '{KEY}' c")) == what
    assert found(command("a", f"--{name}", UNKNOWN)) == []
    for words in (
        *([f"--{name}"], [f"--{name}", f"-{KEY}"], [f"--{name}", "--b", KEY]),
        *([f"--{name}="], [f"--{name}=", KEY], [f"--{name}-file", KEY], [f"--{name}s={KEY}"], [f"{name}={KEY}"]),
        *([f"---{name}={KEY}"], [f"--a-b-{name}={KEY}"], [f"--1-{name}={KEY}"], [name, KEY], [f"--{name} {KEY}"]),
        *([f"--{prefix}-{name}", KEY] for prefix in ("ask", "no", "prompt", "skip", "ASK")),
        *([f"--{prefix}-{name}={KEY}"] for prefix in ("ask", "no", "prompt", "skip")),
    ):
        assert found(command("a", *words)) == []
    assert found(shell(f"a --{name} $KEY")) == found(shell(f"a --{name}=$KEY")) == []
    assert found(command(f"--{name}={KEY}")) == []


@pytest.mark.parametrize("start", ["asker", "note", "prompter", "skipper"])
def test_an_option_that_only_starts_as_one_that_takes_no_value(start: str) -> None:
    assert found(command("a", f"--{start}-token", KEY)) == in_command(f"a literal --{start}-token")


@pytest.mark.parametrize(
    "name", ["pass", "secret", "key", "user", "client--secret", "api--key", "access--key", "secret--key"]
)
def test_an_option_for_something_else(name: str) -> None:
    assert found(command("a", f"--{name}", KEY)) == found(command("a", f"--{name}={KEY}")) == []


VARIABLES = [
    *("PASSWORD", "PASSWD", "CLIENT_SECRET", "TOKEN", "APIKEY", "API_KEY", "SECRET_KEY", "ACCESS_KEY"),
    *("DB_PASSWORD", "A_B2_TOKEN", "PGPASSWORD", "MYSQL_PASSWORD", "AWS_SECRET_ACCESS_KEY", "X_PGPASSWORD", "token"),
]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_with_a_secret(name: str) -> None:
    what = in_command(f"a literal {name}")
    for script in (
        *(f"{name}={KEY}", f"{name}='{KEY}' a", f"export {name}={KEY}", f"export B=c {name}={KEY}; a"),
        *(f"{name}={KEY} B=c", f"export '{name}={KEY}'", f"exec env B=c {name}={KEY} a", f"sh -c '{name}={KEY} a'"),
        *(f"env {name}={KEY} sh -c a", f"{name}={KEY} exec sh -c 'a; b'", f"timeout 5 env {name}={KEY} a"),
        *(f"env {name}={KEY} a", f"a; (b && {name}={KEY} c)", f"f() {{ {name}={KEY}; }}", f"a | {name}={KEY} b > c"),
    ):
        assert found(shell(script)) == what
    for words in (
        ["env", f"{name}={KEY}", "a"],
        ["/usr/bin/env", "-i", f"{name}={KEY}"],
        ["env", f"{name}=a={KEY}"],
    ):
        assert found(command(*words)) == what
    for script in (f"{name}=", f"{name}=$KEY", f"{name}=$(cat /key1)", f"export {name}", f"echo {name}={KEY}"):
        assert found(shell(script)) == []
    for words in (["env", name, KEY], ["a", f"{name}={KEY}"], ["env", f"{name}=$KEY", "a"]):
        assert found(command(*words)) == []


@pytest.mark.parametrize(
    "name",
    [
        "PASS",
        "PASSWORDS",
        "TOKEN_FILE",
        "SECRET",
        "KEY",
        "A_KEY",
        "XPASSWORD",
        "_TOKEN",
        "A__TOKEN",
        "A-TOKEN",
        "PGPGTOKEN",
        "API__KEY",
    ],
)
def test_a_variable_with_something_else(name: str) -> None:
    assert found(command("env", f"{name}={KEY}", "a")) == []


@pytest.mark.parametrize(
    ("program", "option", "is_next"),
    [
        *((program, "-p", False) for program in ("mysql", "mysqladmin", "mysqldump")),
        *((program, "-p", False) for program in ("mariadb", "mariadb-admin", "mariadb-dump")),
        ("redis-cli", "-a", True),
        ("sshpass", "-p", True),
    ],
)
def test_a_short_option_for_a_secret(program: str, option: str, is_next: bool) -> None:
    what = in_command(f"a literal {option} of {program}")
    for name in (program, f"/usr/bin/{program}"):
        assert found(command(name, f"{option}{PASSWORD}", "x")) == what
        assert found(command(name, option, PASSWORD, "x")) == (what if is_next else [])
    assert found(shell(f"a; exec {program} -v {option}'{PASSWORD}'")) == what
    assert found(shell(f"{program} {option}$P; {program} {option} $P")) == []
    assert found(command(program, option)) == found(command(program, option, UNKNOWN)) == []
    other = "-a" if option == "-p" else "-p"
    assert found(command(program, f"{other}{PASSWORD}", other, PASSWORD)) == []
    assert found(command("ssh", f"{option}{PASSWORD}", option, PASSWORD)) == []
    assert found(command(UNKNOWN, f"{option}{PASSWORD}")) == []


@pytest.mark.parametrize("option", ["-u", "--user"])
def test_the_user_and_password_of_curl(option: str) -> None:
    what = in_command("a literal user and password")
    assert found(command("/usr/bin/curl", option, f"admin:{PASSWORD}", "x")) == what
    assert found(shell(f"curl -s x {option} 'admin:{PASSWORD}:1'")) == what
    for value in ("admin", "admin:", "admin:$P", "$U:$P", PASSWORD, UNKNOWN):
        assert found(command("curl", option, value)) == []
    assert found(command("curl", option)) == found(shell(f'curl {option} "a:$P"')) == []
    assert found(command("wget", option, f"admin:{PASSWORD}")) == []
    for word in (f"-uadmin:{PASSWORD}", f"--user=admin:{PASSWORD}"):
        assert found(command("curl", word)) == what
        assert found(command("wget", word)) == []
    assert found(command("curl", "-uadmin:$P")) == found(command("curl", "--user=admin")) == []


def test_the_header_of_curl_in_one_word() -> None:
    for word in (f"-HAuthorization: Bearer {KEY}", f"--header=Authorization:{KEY}"):
        assert found(command("curl", word, "x")) == in_command("a literal authorization header")


def test_an_option_whose_value_starts_as_an_option() -> None:
    assert found(command("a", f"--password=-{PASSWORD}")) == in_command("a literal --password")


@pytest.mark.parametrize("program", ["mysql", "mysqldump", "mariadb-admin", "psql", "/usr/bin/pg_dump"])
def test_a_client_that_asks_for_its_password(program: str) -> None:
    assert found(command(program, "--password", "customers")) == []
    assert found(command(program, f"--password={PASSWORD}", "customers")) == in_command("a literal --password")


def test_the_options_of_sshpass_end_with_its_own() -> None:
    for words in ("ssh -p 2222", "-e ssh -p 2222", "-f /key ssh -p 2222", "-d 0 ssh -p2222"):
        assert found(command("sshpass", *words.split())) == []
    what = in_command("a literal -p of sshpass")
    assert found(command("sshpass", "-v", "-P", "Pin:", "-p", PASSWORD, "ssh", "-p", "2222")) == what
    assert found(command("sshpass", "-p", "$P", "ssh", "-p", "2222")) == []
    assert found(command("sshpass", "-p", UNKNOWN, "ssh", "-p", "2222")) == []
    assert found(command("curl", "-U", f"admin:{PASSWORD}")) == []


URLS = [
    ("a password in a URL", f"http://admin:{PASSWORD}@a/b"),
    ("a password in a URL", f"x postgresql+psycopg2.x-1://admin:{PASSWORD}@a"),
    *(("a password in a URL", f"ab{sign}1://admin:{PASSWORD}@a") for sign in "+.-"),
    ("a password in a URL", "http://sys:swordfish@a"),
    ("a password in a URL", f"redis://:{PASSWORD}@a"),
    ("a password in a URL", f"FTP://a:{PASSWORD}@b"),
    ("a password in a URL", f"ab://{'u' * 255}:{'p' * 255}@b"),
    ("a password in a URL", f"{'a' * 21}://u:{PASSWORD}@b"),
    *(("a secret in a URL", f"/a?b=c&{name}={KEY}&d=e") for name in ("access_token", "api_key", "apikey", "token")),
    *(("a secret in a URL", f"/a?{name}={KEY}") for name in ("client_secret", "password", "passwd", "Token")),
    *(("a secret in a URL", f"/a?{name}={PASSWORD}") for name in ("password", "passwd")),
    ("a password in a URL", f"http://a:{PASSWORD}@b?token={KEY}"),
    ("a secret in a URL", "http://a:$P@b?token=" + KEY),
    ("a password in a URL", f"http://a:$P@b http://c:{PASSWORD}@d"),
    ("a secret in a URL", f"/a?token=<token-1>&api_key={KEY}"),
]


@pytest.mark.parametrize(("what", "url"), URLS)
def test_a_secret_in_a_url(what: str, url: str) -> None:
    assert found(get(path=url)) == in_http_get(what, "path")
    assert found(command("curl", url)) == in_command(what)
    assert found(shell(f'b; curl -s "{url}"')) == (in_command(what) if "$" not in url else [])
    assert found(command(url)) == []
    assert found(header("Referer", url)) == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://a", "http://admin@a", "http://admin:@a", "http://admin:ab@a", "http://admin:$P@a"),
        *("http://a:8080/b@c", f"http://a/b:{PASSWORD}@c", f"http://a b:{PASSWORD}@c", f"http:/a:{PASSWORD}@b"),
        *(f"a:{PASSWORD}@b", f"h://a:{PASSWORD}@b", f"{'a' * 22}://u:{PASSWORD}@b", f"1h://a:{PASSWORD}@b"),
        *(
            f"ab://{'u' * 256}:{PASSWORD}@b",
            f"ab://u:{'p' * 256}@b",
            f"http://a:{PASSWORD}",
            f"http://a:b'{PASSWORD}@c",
            f"http://a'b:{PASSWORD}@c",
            f'http://a"b:{PASSWORD}@c',
            f'http://a:b"{PASSWORD}@c',
            f"http://a:b {PASSWORD}@c",
            "http://a:b@cdef@d",
        ),
        *(
            "/a?token",
            "/a?token=",
            "/a?token=$T1234567",
            "/a?token=<token-1>",
            "/a?token=abcdefgh",
            "/a?token=password",
            "/a?token=%22",
        ),
        *(
            f"/a?tokens={KEY}",
            f"/a?api__key={KEY}",
            f"/a?x_token={KEY}",
            f"token={KEY}",
            f"/a/token={KEY}",
            f"/a?key={KEY}",
            "/a?password=ab",
        ),
        *(f"/a?token= {KEY}", f"/a?token='{KEY}", f'/a?token="{KEY}', f"/a?token=&b={KEY}", f"/a;token={KEY}"),
    ],
)
def test_a_url_without_a_secret(url: str) -> None:
    assert found(get(path=url)) == []
    assert found(command("curl", url)) == []


def test_a_secret_in_a_url_ends_where_the_query_goes_on() -> None:
    for end in ("&", " ", "'", '"', "\t"):
        assert found(get(path=f"/a?token=abcdefg{end}1234567890123")) == []


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (f"if a; then login --password {PASSWORD}; fi", "a literal --password"),
        (f"while true; do login --password {PASSWORD}; done", "a literal --password"),
        (f"f() {{ login --password {PASSWORD}; }}", "a literal --password"),
        (f"a || timeout 5 login --password {PASSWORD} > x &", "a literal --password"),
        (f"sh -c 'login --password {PASSWORD}'", "a literal --password"),
        (f"login --password {PASSWORD}; PASSWORD={PASSWORD}", "a literal PASSWORD"),
        (f"login --token {KEY} --password {PASSWORD}", "a literal --token"),
        (f"a -p {PASSWORD} --passwd {PASSWORD} http://a:{PASSWORD}@b", "a literal --passwd"),
        (f"echo 'login --password {PASSWORD}'", None),
        (f"# login --password {PASSWORD}", None),
        (f"cat <<E\nPASSWORD={PASSWORD}\nE", None),
        (f"login --password {PASSWORD}; if", None),
        (f"login --password {PASSWORD}" + " " * MAX_SCRIPT_BYTES, None),
    ],
)
def test_a_secret_in_a_script(script: str, what: str | None) -> None:
    """The first one is told, where assignments come first."""
    assert found(shell(script)) == in_command(what)


def test_the_words_of_a_shell_are_not_its_options() -> None:
    assert found(command("sh", "-c", "a", "--password", PASSWORD)) == []
    assert found(command("sh", "a.sh", "--password", PASSWORD)) == in_command("a literal --password")


def test_each_place_of_a_pod_is_told_once() -> None:
    hook = {
        "exec": {"command": ["a", "--password", PASSWORD]},
        "httpGet": {
            "path": f"/a?token={KEY}",
            "httpHeaders": [{"name": name, "value": KEY} for name in ("Authorization", "A", "B", "C", "Api-Key")],
        },
    }
    containers = [{"name": "a", "lifecycle": {"preStop": hook, "postStart": hook}}, {"lifecycle": {"preStop": hook}}]
    obj = {"spec": {"template": {"spec": {"containers": containers}}}}
    all_found = [each for each in check("Deployment", obj) if each.rule.group is Group.SECRETS]
    hooks = [("[0].lifecycle.postStart", "a"), ("[0].lifecycle.preStop", "a"), ("[1].lifecycle.preStop", "")]
    below = ["exec.command", "httpGet.path", "httpGet.httpHeaders[0].value", "httpGet.httpHeaders[4].value"]
    assert [(each.path, each.container) for each in all_found] == [
        (f"spec.template.spec.containers{where}.{each}", name) for where, name in hooks for each in below
    ]
    assert [each.rule.id for each in all_found] == [ARGV, HTTP, HTTP, HTTP] * 3


NOT_JUDGED: list[Any] = [None, UNKNOWN, 5, 1.5, True, [], [[PASSWORD]], {}, {5: PASSWORD}]


@pytest.mark.parametrize("value", NOT_JUDGED)
def test_what_is_not_known_or_of_the_wrong_type(value: Any) -> None:
    for hook in (
        *(value, {"exec": value}, {"httpGet": value}, {"exec": {"command": value}}, command(value)),
        *(command(value, "--password"), command("a", "--password", value), command("curl", "-u", value)),
        *(
            command("sh", "-c", value),
            command(value, "-c", f"a --password {PASSWORD}"),
            command("redis-cli", "-a", value),
        ),
        *(get(path=value), get(httpHeaders=value), get(httpHeaders=[value]), header(value, KEY), header(value, GITHUB)),
        *(header("Authorization", value), get(port=value, host=value, scheme=value)),
    ):
        assert found(hook) == []
    assert found(command("a", value, "--password", PASSWORD)) == in_command("a literal --password")
    assert found(command(value, f"--password={PASSWORD}")) == in_command("a literal --password")
    assert found(get(httpHeaders=[value, {"name": "Api-Key", "value": KEY}])) == in_http_get(
        "a literal api-key header", "httpHeaders[1].value"
    )


def test_lists_that_are_tuples() -> None:
    assert found({"exec": {"command": ("a", "--password", PASSWORD)}}) == in_command("a literal --password")
    assert found(get(httpHeaders=({"name": "Api-Key", "value": KEY},))) == in_http_get(
        "a literal api-key header", "httpHeaders[0].value"
    )


def test_texts_of_more_than_16_kib_are_not_judged() -> None:
    token = f" {GITHUB}"
    fits, longer = token.rjust(MAX_COMMAND), token.rjust(MAX_COMMAND + 1)
    assert found(get(path=fits)) == in_http_get("a GitHub token", "path")
    assert found(header("A", fits)) == in_http_get("a GitHub token", "httpHeaders[0].value")
    assert found(command("a", fits[3:])) == in_command("a GitHub token", "[1]")
    assert found(get(path=longer)) == found(header("A", longer)) == found(command("a", fits)) == []

    url = f"/a?token={KEY}"
    assert found(get(path=url.rjust(MAX_COMMAND))) == in_http_get("a secret in a URL", "path")
    assert found(get(path=url.rjust(MAX_COMMAND + 1))) == []
    value = KEY.ljust(MAX_COMMAND, "a")
    assert found(header("Api-Key", value)) == in_http_get("a literal api-key header", "httpHeaders[0].value")
    assert found(header("Api-Key", value + "a")) == []
    assert found(header("A" * MAX_SCRIPT_BYTES, fits)) == in_http_get("a GitHub token", "httpHeaders[0].value")


@pytest.mark.parametrize(
    "part",
    [
        *(
            "AK" + "IA",
            "AKIA" + "-",
            "EXAMPLE",
            "ghp_",
            "github_pat_",
            "glpat-",
            "xoxb-",
            WEBHOOK + "/T",
            "AIza",
            "k_live_",
        ),
        *(
            "hvs.",
            "eyJ",
            "eyJaaaaaaaa.",
            "-",
            "-----BEGIN ",
            "AA ",
            "a",
            "A",
            "1",
            "_",
            "A_",
            "=",
            "?token=",
            "&token=",
        ),
        *("a://", "a://a:", ":", "@", " ", "authorization:", "bearer ", "--password", "--a-", "$", "x", "from-", "\n"),
    ],
)
def test_no_text_takes_long(part: str) -> None:
    text = (part * MAX_SCRIPT_BYTES)[: MAX_SCRIPT_BYTES - 100]
    hooks = [get(path=text), header(text, text), header("Authorization", text), command("a", text)]
    hooks += [command("a", f"--password={text}"), command("env", f"{text}=a"), command("a", f"authorization:{text}")]
    start = time.process_time()
    for hook in hooks:
        found(hook)
    assert time.process_time() - start < 2
