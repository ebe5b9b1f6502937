"""Pauses of other languages where they stand literally."""

from typing import Any

import pytest

from lifecycle_rules import check
from lifecycle_rules.duration import command_seconds
from lifecycle_rules.model import UNKNOWN

WINDOWS = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
POWERSHELL: list[tuple[str, float]] = [
    ("Start-Sleep -Seconds 60", 60),
    ("Start-Sleep 60", 60),
    ("start-sleep -s 60", 60),
    ("Start-Sleep -Sec 60", 60),
    ("Start-Sleep -Seconds:60", 60),
    ("Start-Sleep '60'", 60),
    ("Start-Sleep -Milliseconds 500", 0.5),
    ("Start-Sleep -m 500", 0.5),
    ("Start-Sleep -ms 500", 0.5),
    ("sleep 60", 60),
    ("sleep -s 60", 60),
    (" Start-Sleep  1.5 ;", 1),
    ("Start-Sleep 5; Start-Sleep 6", 11),
    ("Start-Sleep 5\nStart-Sleep 6\n", 11),
    ("Write-Host 'drain'; Start-Sleep 6", 6),
    ("echo drain; sleep 6; exit", 6),
    ("& { Start-Sleep -s 60 }", 60),
    ("&{Start-Sleep 5; sleep 6}", 11),
    ("Invoke-WebRequest http://localhost/drain; Start-Sleep 6", 0),
    ("Stop-Service w3svc; Start-Sleep 6", 0),
    ("Start-Sleep 5; exit; Start-Sleep 6", 5),
    ("if ($x) { Start-Sleep 6 }", 0),
    ("& { if ($x) { Start-Sleep 6 } }", 0),
    ("Start-Sleep $x", 0),
    ("Start-Sleep -Seconds (5 + 6)", 0),
    ("Start-Sleep -Seconds -5", 0),
    ("Start-Sleep", 0),
    ("Start-Sleep 99999999999", 0),
    ("'Start-Sleep 6'", 0),
    ('"Start-Sleep 6"', 0),
    ("# Start-Sleep 6", 0),
    ('Write-Host "$(exit)"; Start-Sleep 6', 0),
    ("Start-SleepX 6", 0),
    ("-", 0),
    ("", 0),
]


@pytest.mark.parametrize(("script", "seconds"), POWERSHELL)
def test_powershell(script: str, seconds: float) -> None:
    for program in (
        "powershell",
        "powershell.exe",
        "PowerShell.EXE",
        WINDOWS,
        "pwsh",
        "/usr/bin/pwsh",
        r"D:\a b\pwsh.exe",
    ):
        assert command_seconds([program, "-Command", script]) == seconds
        assert command_seconds([program, "-NoProfile", "-NonInteractive", "-ep", "Bypass", "-c", script]) == seconds
        assert command_seconds([program, "-Command", *script.split(" ")]) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (["powershell", "Start-Sleep", "-s", "60"], 60),
        (["powershell", "Start-Sleep 60"], 60),
        (["pwsh", "Start-Sleep", "60"], 0),  # a file's name
        (["powershell", "-com", "sleep 5"], 5),
        (["powershell", "/Command", "sleep 5"], 5),
        (["powershell", "--command", "sleep 5"], 5),
        (["powershell", "-ExecutionPolicy", "Bypass", "-File", "sleep 5"], 0),
        (["powershell", "-EncodedCommand", "sleep 5"], 0),
        (["powershell", "-WindowStyle", "Hidden", "-Command", "sleep 5"], 5),
        (["powershell", "-x", "-Command", "sleep 5"], 0),
        (["powershell", "-co", "sleep 5"], 0),
        (["powershell", "-Command", "sleep 5;".ljust(2048)], 5),
        (["/" + "a" * 250 + "/pwsh", "-Command", "sleep 5"], 5),  # 256 characters
        (["/" + "a" * 251 + "/pwsh", "-Command", "sleep 5"], 0),
        (["powershell", "-Command", UNKNOWN], 0),
        (["powershell", "-Command", "sleep", UNKNOWN], 0),
        (["powershell", UNKNOWN, "-Command", "sleep 5"], 0),
        (["powershell", "-Command"], 0),
        (["powershell"], 0),
        (["pwsh", "-Command", "sleep 5;" + " " * 2048], 0),
        (["timeout", "3", "pwsh", "-c", "sleep 5"], 3),
        (["sh", "-c", "pwsh -c 'sleep 5'; sleep 1"], 6),
        # cmd; Windows' `timeout` refuses to run without a console.
        (["cmd", "/c", "ping -n 61 127.0.0.1"], 60),
        (["cmd.exe", "/C", "ping 127.0.0.1 -n 61 >nul"], 60),
        (["cmd", "/s", "/c", '"ping -n 61 localhost > nul & exit"'], 60),
        (["cmd", "/c", "ping", "-n", "61", "127.0.0.1", ">", "nul"], 60),
        ([r"C:\Windows\System32\cmd.exe", "/c", r"C:\Windows\System32\ping.exe /n 3 ::1"], 2),
        (["cmd", "/d", "/q", "/k", "ping -n 61 127.0.0.1"], 60),
        (["cmd", "/c", "powershell -Command Start-Sleep 5"], 5),
        (["cmd", "/c", 'powershell -Command "Start-Sleep 5" && exit'], 5),
        (["cmd", "/c", "pwsh -c sleep 5"], 5),
        (["cmd", "/s", "/c", '"ping -n 61 localhost"'], 60),
        (["cmd", "/c", "cmd /c ping -n 61 127.0.0.1"], 0),
        (["cmd", "/c", "& ping -n 61 127.0.0.1"], 0),
        (["cmd", "/c", '"'], 0),
        (["cmd", "/c", "timeout /t 60"], 0),
        (["cmd", "/c", "timeout /t 60 /nobreak > nul"], 0),
        (["timeout", "/t", "60", "/nobreak"], 0),
        (["timeout", "60"], 0),
        (["cmd", "/c", "ping -n 1 127.0.0.1"], 0),
        (["cmd", "/c", "ping -n 61 example.org"], 0),
        (["cmd", "/c", "ping example.org -n 61"], 0),
        (["cmd", "/c", "ping -w 61 127.0.0.1"], 0),
        (["cmd", "/c", "ping -n all 127.0.0.1"], 0),
        (["cmd", "/c", "ping -n 61 -w 1 127.0.0.1"], 0),
        (["cmd", "/c", "ping -t 127.0.0.1"], 0),
        (["cmd", "/c", "ping -n %N% 127.0.0.1"], 0),
        (["cmd", "/c", "drain & ping -n 61 127.0.0.1"], 0),
        (["cmd", "/c", "echo ping -n 61 127.0.0.1"], 0),
        (["cmd", "/c", UNKNOWN], 0),
        (["cmd", "/c", ""], 0),
        (["cmd", "/c"], 0),
        (["cmd", "/d"], 0),
        (["cmd", "x", "ping -n 61 127.0.0.1"], 0),
        (["cmd", "x"], 0),
        (["cmd"], 0),
        (["ping", "-n", "61", "127.0.0.1"], 0),  # Linux' has another -n
        # Python.
        (["python", "-c", "import time; time.sleep(60)"], 60),
        (["/usr/bin/python3", "-c", "import time\ntime.sleep(60)\n"], 60),
        (["python3.12", "-u", "-c", "from time import sleep; sleep(1.5); sleep(2)"], 3.5),
        (["python", "-uc", "from time import sleep as s, time; print('a'); s(2)"], 2),
        (["python", "-W", "ignore", "-c", "import os, time as t; x = 5; t.sleep(2)"], 2),
        (["python", "-c", "__import__('time').sleep(3)"], 3),
        (["python", "-u", "-W", "ignore", "-X", "dev", "-BEIc", "import time; time.sleep(0.5)"], 0.5),
        (["python", "-c", "import time; import os; time.sleep(0); time.sleep(3)"], 3),
        (["python", "-c", "from time import sleep; from os import path; sleep(3)"], 3),
        (["python", "-c", "import time; x = time.sleep(3); time.sleep(3)"], 0),
        (["python", "-c", "import time; sleep = x; time.sleep(3)"], 0),
        (["python", "-c", "import time; time.sleep(1e12)"], 0),
        (["python", "-c", "__import__(x).sleep(3)"], 0),
        (["python", "-c", "import time; x[0](3); time.sleep(3)"], 3),
        (["python", "-c", "import time; time.sleep(3)".ljust(2048)], 3),
        (["python", "-c", "import time; time.sleep(3)".ljust(2049)], 0),
        (["python", "-c", "import time, requests; requests.get('http://localhost/drain'); time.sleep(3)"], 3),
        (["python", "-c", "import time, sys; sys.exit(0); time.sleep(3)"], 0),
        (["python", "-c", "import time; exit(); time.sleep(3)"], 0),
        (["python", "-c", "import time, os; os.kill(1, 15); time.sleep(3)"], 0),
        (["python", "-c", "import time, subprocess as s; s.run(['kill', '1']); time.sleep(3)"], 0),
        (["python", "-c", "import time\nif x: time.sleep(3)"], 0),
        (["python", "-c", "import time\nfor x in y:\n  time.sleep(3)"], 0),
        (["python", "-c", "import time\ndef f(): time.sleep(3)"], 0),
        (["python", "-c", "import time; time = x; time.sleep(3)"], 0),
        (["python", "-c", "import time; time.sleep = x; time.sleep(3)"], 0),
        (["python", "-c", "from other import sleep; sleep(3)"], 0),
        (["python", "-c", "from .time import sleep; sleep(3)"], 0),
        (["python", "-c", "import other as time; time.sleep(3)"], 0),
        (["python", "-c", "import time; time.sleep(n)"], 0),
        (["python", "-c", "import time; time.sleep(-3)"], 0),
        (["python", "-c", "import time; time.sleep('3')"], 0),
        (["python", "-c", "import time; time.sleep(3, 4)"], 0),
        (["python", "-c", "import time; time.sleep(1e400)"], 0),
        (["python", "-c", "import time; time.sleep(3"], 0),
        (["python", "-c", "import time; time.sleep(3)\0"], 0),
        (["python", "-c", "import time; print('\\d'); time.sleep(3)"], 3),
        (["python", "-c", "import time; time.sleep(" + "-" * 1900 + "3)"], 0),
        (["python", "-c", "import time; time.sleep(" + "(" * 1900], 0),
        (["python", "-c", "import time; " + "a." * 950 + "b; time.sleep(3)"], 3),
        (["python", "-c", "import time; " + "f." * 1000 + "b(1); time.sleep(3)"], 0),
        (["python", "-c", "import time; time.sleep(3) #" + "a" * 2048], 0),
        (["python", "-m", "sleep", "-c", "import time; time.sleep(3)"], 0),
        (["python", "sleep.py", "-c", "import time; time.sleep(3)"], 0),
        (["python", "-c", UNKNOWN], 0),
        (["python", "-c"], 0),
        (["python", "-W"], 0),
        (["python"], 0),
        # Perl, Ruby and PHP.
        (["perl", "-e", "sleep 60"], 60),
        (["perl", "-e", "sleep(60);"], 60),
        (["perl5.36", "-we", 'print "a"; sleep 1; sleep ( 2 );'], 3),
        (["perl", "-e", "sleep 1.9"], 1),
        (["perl", "-e", "use strict; $| = 1; sleep 2"], 2),
        (["perl", "-e", "exit; sleep 2"], 0),
        (["perl", "-e", "kill 'TERM', 1; sleep 2"], 0),
        (["perl", "-e", "sleep $n"], 0),
        (["perl", "-e", 'print "a; sleep 2"'], 0),
        (["perl", "-ne", "sleep 2"], 0),
        (["perl", "-e", UNKNOWN], 0),
        (["perl", "-e"], 0),
        (["perl", "sleep.pl"], 0),
        (["ruby", "-e", "puts 'a'; sleep 2.5"], 2),
        (["php", "-r", "sleep(5);"], 5),
        (["php", "-e", "sleep(5);"], 0),
        (["perl", "-e", "sleep 5;".ljust(2048)], 5),
        (["perl", "-e", "sleep 5;".ljust(2049)], 0),
        # BusyBox.
        (["busybox", "sleep", "5"], 5),
        (["/bin/busybox", "sh", "-c", "sleep 5; sleep 1"], 6),
        (["toybox", "sleep", "5"], 5),
        (["busybox", "timeout", "5"], 0),
        (["busybox"], 0),
        (["busybox"] * 2000 + ["sleep", "5"], 5),
        (["usleep", "500000"], 0.5),
        (["busybox", "usleep", "1500000"], 1.5),
        (["usleep", "0.5"], 0),
        (["usleep", "1", "2"], 0),
        (["usleep", UNKNOWN], 0),
        (["usleep"], 0),
        (["lua", "-e", "sleep 5"], 0),
    ],
)
def test_a_command(words: list[Any], seconds: float) -> None:
    assert command_seconds(words) == seconds


def test_what_python_warns_of_is_not_repeated(recwarn: pytest.WarningsRecorder) -> None:
    assert command_seconds(["python", "-c", "import time; '\\d'; time.sleep(3)"]) == 3
    assert not recwarn.list


def test_the_case_of_a_public_report() -> None:
    hook = {"exec": {"command": ["powershell", "-Command", "Start-Sleep -Seconds 60"]}}
    pod = {"spec": {"os": {"name": "windows"}, "containers": [{"name": "c", "lifecycle": {"preStop": hook}}]}}
    assert [(each.rule.id, each.message) for each in check("Pod", pod)] == [
        (
            "prestop-budget",
            "takes 60 s, but terminationGracePeriodSeconds is 30: the kubelet then cuts the hook off, and kills the "
            "container 2 s later",
        )
    ]
