# What people read: a page, a Word file and a workbook, of one content.
rule report:
    input:
        registry=f"{RESULTS}/registry.parquet",
        comparison=f"{RESULTS}/reproduction/comparison.csv",
        summary=f"{RESULTS}/reproduction/summary.json",
        exhibits=[f"{RESULTS}/{path}" for path in exhibit_files(STUDY.exhibits)],
        audit=f"{RESULTS}/audit/audit.csv",
        validation=[
            f"{RESULTS}/validation/{name}.json" for name in (*CONTRACTS, "links")
        ],
        methods=sorted(glob("docs/methods/*.md")),
    output:
        f"{RESULTS}/report/index.html",
        f"{RESULTS}/report/report.docx",
        f"{RESULTS}/report/tables.xlsx",
    log:
        f"{RESULTS}/logs/report.log",
    threads: 2
    params:
        study=STUDY.name,
        title=STUDY.title,
        findings=plain(STUDY.findings),
        results=lambda wildcards, input: os.path.dirname(input.registry),
        out=folder_of_output,
        code=source_digest(
            ["publish", "report.html", "report.docx", "report.workbook", *FORMS]
        ),
        validation=lambda wildcards, input: [
            f"--validation {path}" for path in input.validation
        ],
    shell:
        "python -m drive_eval report --study {params.study} --results {params.results} {params.validation}"
        " --out {params.out} --jobs {threads} > {log} 2>&1"
