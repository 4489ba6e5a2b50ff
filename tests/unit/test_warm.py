"""The warm process of a run: a command comes out as by itself, and nobody outlives the one who asked."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drive_eval import warm

JOB = """
import os, sys, time
def run():
    what = sys.argv[1]
    if what == "say":
        print("out", sys.argv[2:], os.getcwd(), os.environ.get("WANTED"), "-" if "UNWANTED" in os.environ else "+")
        print("err", sys.stdin.read(), file=sys.stderr)
        sys.exit(3)
    if what == "fail":
        raise OSError("no value of a case")
    if what == "words":
        sys.exit("words")
    if what == "killed":
        os.kill(os.getpid(), 9)
    if what == "fill":
        print("x" * 10)
    if what == "wait":
        print(os.getpid(), flush=True)
        time.sleep(600)
"""
SERVER = (
    JOB
    + """
import signal, socket
from drive_eval import warm
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as `serve` does
warm.Warm(socket.socket(fileno=int(sys.argv[1])), run).serve(["no_such_module"], ["json", "nor_this"])
"""
)
CLIENT = "import sys; from drive_eval.warm import hand_over; sys.exit(hand_over(sys.argv[1:]))"


@pytest.fixture
def server(monkeypatch):
    """A warm process whose command line is `run` above; what asks it inherits `link`."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "UNWANTED": "1", "PYTHONUNBUFFERED": ""},
            stdout=subprocess.DEVNULL,
        )
    monkeypatch.setenv(warm.VARIABLE, f"{ours.fileno()}:{os.fstat(ours.fileno()).st_ino}")
    process.link = ours
    yield process
    ours.close()
    process.kill()
    process.wait()


def ask(server, *arguments, **named):
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, *arguments],
        text=True,
        **{
            "pass_fds": [server.link.fileno()],
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "stdin": subprocess.PIPE,
            **named,
        },
    )


def gone(process):
    """Wait until a process has ended; nobody may have asked how.

    Before the output of who asked is read to its end: the job holds it too, so that would wait for the job.
    """
    path, end = Path(f"/proc/{process}/stat"), time.monotonic() + 20
    while path.is_file() and path.read_text().rpartition(")")[2].split()[0] not in "ZX":
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_command_has_its_arguments_folder_environment_streams_and_exit_code(server, tmp_path):
    asker = ask(server, "say", "a b", "ä", cwd=tmp_path, env=os.environ | {"WANTED": "yes"})
    out, err = asker.communicate("given")
    assert out == f"out ['a b', 'ä'] {tmp_path} yes +\n"
    assert err == "err given\n"
    assert asker.returncode == 3


@pytest.mark.parametrize(
    ("what", "code"), [("fail", 1), ("words", 1), ("killed", 128 + signal.SIGKILL), ("nothing", 0)]
)
def test_however_a_command_ends_the_one_who_asked_is_told(server, what, code):
    asker = ask(server, what)
    asker.communicate()
    assert asker.returncode == code


def test_what_a_full_disk_does_not_take_is_no_success(server):
    with Path("/dev/full").open("w") as full:
        asker = ask(server, "fill", stdout=full)
        asker.communicate()
    assert asker.returncode == 120


def test_several_commands_run_at_once(server):
    waiting = [ask(server, "wait") for _ in range(3)]
    jobs = {int(asker.stdout.readline()) for asker in waiting}
    assert len(jobs) == 3
    for asker in waiting:
        asker.kill()
    for job in jobs:
        gone(job)
    assert ask(server, "nothing").wait(20) == 0


def test_a_job_is_killed_with_the_one_who_asked_and_others_go_on(server):
    first, second = ask(server, "wait"), ask(server, "wait")
    jobs = [int(asker.stdout.readline()) for asker in (first, second)]
    first.kill()
    gone(jobs[0])
    os.kill(jobs[1], 0)
    assert server.poll() is None
    second.terminate()
    gone(jobs[1])


def test_a_job_ends_without_a_traceback_when_the_one_who_asked_is_interrupted(server):
    asker = ask(server, "wait")
    job = int(asker.stdout.readline())
    asker.send_signal(signal.SIGINT)
    gone(job)
    _, err = asker.communicate()
    assert asker.returncode == 128 + signal.SIGINT
    assert err == ""


def test_a_job_itself_can_be_interrupted(server):
    asker = ask(server, "wait")
    os.kill(int(asker.stdout.readline()), signal.SIGINT)
    assert asker.wait(20) == 1
    assert "KeyboardInterrupt" in asker.stderr.read()


def test_a_killed_server_takes_its_jobs_along_and_is_named(server):
    asker = ask(server, "wait")
    job = int(asker.stdout.readline())
    server.kill()
    gone(job)
    _, err = asker.communicate()
    assert asker.returncode == 1
    assert err == "error: the process that runs the jobs of this run was killed; run again\n"


def test_it_ends_with_the_last_who_could_ask(server):
    asker = ask(server, "wait")
    asker.stdout.readline()
    server.link.close()
    assert not select.select([os.pidfd_open(server.pid)], [], [], 0.3)[0]
    asker.kill()
    assert server.wait(20) == 0


@pytest.mark.parametrize(
    "told", ["", "no", "77:1", "x:y", "link"], ids=["not set", "switched off", "not inherited", "no number", "ended"]
)
def test_without_a_server_the_caller_runs_the_command(server, told, monkeypatch):
    if told == "link":
        server.kill()
        server.wait()
    else:
        monkeypatch.setenv(warm.VARIABLE, told)
    assert warm.hand_over(["nothing"]) is None


def test_another_file_of_the_same_number_is_not_asked(server, monkeypatch, tmp_path):
    with (tmp_path / "file").open("w") as file:
        inode = os.environ[warm.VARIABLE].partition(":")[2]
        monkeypatch.setenv(warm.VARIABLE, f"{file.fileno()}:{inode}")
        assert warm.hand_over(["nothing"]) is None


def test_another_socket_of_the_same_number_is_not_asked(server):
    inode = os.environ[warm.VARIABLE].partition(":")[2]
    other, peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # where nobody would answer
    with other, peer:
        told = os.environ | {warm.VARIABLE: f"{other.fileno()}:{inode}"}
        asker = ask(server, "nothing", env=told, pass_fds=[other.fileno()])
        assert asker.wait(20) == 0


def test_an_environment_too_large_for_a_message_is_no_fault(server, monkeypatch):
    monkeypatch.setenv("LARGE", "x" * 1_000_000)
    assert warm.hand_over(["nothing"]) is None


@pytest.mark.slow
def test_the_libraries_that_it_loads_start_no_thread():
    """A fork of a process with threads may hang, and Python 3.12 and later warn of it."""
    code = "import importlib, os\nfrom drive_eval import warm\n"
    code += "for name in (*warm.FIRST, *warm.LATER): importlib.import_module(name)\n"
    code += "print(len(os.listdir('/proc/self/task')))"
    environment = os.environ | warm.NO_THREADS
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout == "1\n"


def test_a_run_may_do_without(monkeypatch):
    monkeypatch.setenv(warm.VARIABLE, "no")
    assert warm.start((5,), {}) == (5,)
