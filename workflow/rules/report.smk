# The page that people read.
rule report:
    input:
        registry=f"{RESULTS}/registry.parquet",
        comparison=f"{RESULTS}/reproduction/comparison.csv",
        summary=f"{RESULTS}/reproduction/summary.json",
        exhibits=[f"{RESULTS}/{path}" for path in exhibit_files(STUDY.exhibits)],
        audit=f"{RESULTS}/audit/audit.csv",
        validation=[f"{RESULTS}/validation/{extract}.json" for extract in CONTRACTS],
    output:
        f"{RESULTS}/report/index.html",
    log:
        f"{RESULTS}/logs/report.log",
    params:
        title=STUDY.title,
        code=source_digest(["report.html", "exhibits.make"]),
        validation=lambda wildcards, input: [
            f"--validation {path}" for path in input.validation
        ],
    shell:
        "python -m drive_eval report --study {STUDY.name} --results {RESULTS} {params.validation}"
        " --audit {input.audit} --out {output} > {log} 2>&1"
