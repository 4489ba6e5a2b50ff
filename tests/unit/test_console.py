"""What the console of a run shows: few words on what goes well, the log of what fails, every warning."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake.logging import DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_drive import LogHandler


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def console():
    """A console that has been told a sequence of records, and what it wrote."""

    def tell(*records, dryrun=False, stream=None, show_failed_logs=True):
        settings = SimpleNamespace(
            stdout=False, dryrun=dryrun, verbose=False, show_failed_logs=show_failed_logs, quiet=None
        )
        handler = LogHandler(settings, None)
        handler.stream = stream or io.StringIO()
        handler.setFormatter(DefaultFormatter(None, True))
        handler.addFilter(DefaultFilter(None, False, False, dryrun, False))
        for message, level, told in records:
            record = logging.LogRecord("snakemake", level, "", 0, message, (), None)
            vars(record).update(told)
            handler.handle(record)
        handler.close()
        return handler.stream.getvalue()

    return tell


def started(jobid, rule, **wildcards):
    told = {"event": LogEvent.JOB_INFO, "jobid": jobid, "rule_name": rule, "wildcards": wildcards}
    rest = {key: ["a/file"] for key in ("input", "output", "log")} | {"local": True, "is_checkpoint": False}
    rest |= {"rule_msg": None, "benchmark": None, "reason": "missing", "priority": 0, "threads": 1, "resources": {}}
    return None, logging.INFO, told | rest


def finished(jobid, done, total):
    event = {"event": LogEvent.JOB_FINISHED, "job_id": jobid}
    return (f"Finished jobid: {jobid}", logging.INFO, event), (
        None,
        logging.INFO,
        {"event": LogEvent.PROGRESS, "done": done, "total": total},
    )


def failed(jobid, rule, logs):
    told = {"event": LogEvent.JOB_ERROR, "jobid": jobid, "rule_name": rule, "log": [str(path) for path in logs]}
    return f"Error in rule {rule}", logging.ERROR, told


def said(text, level=logging.INFO):
    return text, level, {}


def test_a_finished_job_is_one_line_with_its_place_and_wildcards(console):
    told = console(started(4, "chapter", chapter="victims"), *finished(4, 9, 31))
    assert told == " 9/31  chapter victims (0.0 s)\n"


def test_two_jobs_that_finish_together_are_two_lines(console):
    first, second = (finished(job, job, 2) for job in (1, 2))
    told = console(started(1, "a"), started(2, "b"), first[0], second[0], first[1], second[1])
    assert [line.split()[1] for line in told.splitlines()] == ["a", "b"]


def test_the_talk_of_the_engine_is_left_out_and_its_news_is_not(console):
    noise = ("Building DAG of jobs...", "Select jobs to execute...", "Execute 2 jobs...", "Provided cores: 2", "")
    news = ("Nothing to be done (all requested files are present and up to date).", "Complete log(s): x.log")
    told = console(*map(said, (*noise, *news)))
    assert told.splitlines() == list(news)


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_a_warning_is_shown_even_if_it_begins_like_noise(console, level):
    assert "Execute with care" in console(said("Execute with care", level))


def test_a_failed_job_shows_its_log_and_not_the_reports_beside_it(console, tmp_path):
    logs = [tmp_path / name for name in ("run.log", "report.json", "page.html")]
    logs[0].write_text("error: sheet Exit, row 7\nsecond line\n")
    logs[1].write_text('{"faults": []}')
    logs[2].write_text("<html>")
    told = console(started(1, "validate_cms"), failed(1, "validate_cms", logs))
    assert told.splitlines() == [f"FAILED validate_cms, see {logs[0]}", "  error: sheet Exit, row 7", "  second line"]


def test_a_failed_job_names_its_log_where_logs_are_not_to_be_shown(console, tmp_path):
    (tmp_path / "run.log").write_text("words")
    told = console(failed(1, "derive", [tmp_path / "run.log"]), show_failed_logs=False)
    assert told == f"FAILED derive, see {tmp_path / 'run.log'}\n"


def test_a_failed_job_without_a_log_is_named(console):
    assert console(failed(3, "all", [])) == "FAILED all\n"


def test_a_dry_run_is_told_in_the_words_of_the_engine(console):
    told = console(started(4, "chapter", chapter="victims"), said("Building DAG of jobs..."), dryrun=True)
    assert "rule chapter:" in told
    assert "chapter=victims" in told
    assert "Building DAG" in told


def test_a_terminal_shows_what_is_running_and_keeps_no_line_of_it(console):
    told = console(started(1, "derive"), started(2, "audit"), *finished(1, 1, 3), stream=Terminal())
    assert "running: derive, audit" in told
    assert "1/3  running: audit" in told
    assert told.endswith("\r\x1b[K")
    assert told.count("\n") == 1


def test_without_a_terminal_there_are_no_control_characters(console):
    assert "\x1b" not in console(started(1, "derive"), *finished(1, 1, 3))
