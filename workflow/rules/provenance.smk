# The record of the run, after everything that readers get; it is written for a run whose numbers differ too, and says so.
rule provenance:
    input:
        report=rules.report.output,
        raw=[
            f"{RAW}/{file}"
            for entry in STUDY.extracts.values()
            for file in raw_files(entry)
        ],
        tables=[
            f"{PROCESSED}/{next(iter(contract.sheets.values())).table}.parquet"
            for contract in CONTRACTS.values()
        ],
        workflow=["Snakefile", *sorted(glob("workflow/rules/*.smk"))],
        settings=sorted(
            glob("config/config.yaml")
            + glob(f"config/{STUDY.name}/**/*.*", recursive=True)
            + glob("schemas/**/*.yaml", recursive=True)
            + glob("*.lock")
        ),
    output:
        [
            f"{RESULTS}/provenance/{path}"
            for path in [
                "ro-crate-metadata.json",
                "Snakefile",
                *sorted(glob("workflow/rules/*.smk")),
            ]
        ],
    log:
        f"{RESULTS}/logs/provenance.log",
    params:
        study=STUDY.name,
        results=lambda wildcards, input: str(Path(input.report[0]).parents[1]),
        revision=git_revision(Path()),
        code=package_digest(),
        raw=lambda wildcards, input: [f"--raw {path}" for path in input.raw],
        tables=lambda wildcards, input: [f"--table {path}" for path in input.tables],
        workflow=lambda wildcards, input: [
            f"--workflow {path}" for path in input.workflow
        ],
        settings=lambda wildcards, input: [
            f"--settings {path}" for path in input.settings
        ],
    shell:
        "python -m drive_eval provenance --study {params.study} --results {params.results} {params.raw} {params.tables}"
        " {params.workflow} {params.settings} --out {params.results}/provenance > {log} 2>&1"
