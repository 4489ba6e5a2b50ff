# Rules across extracts, then analysis sets from typed tables; one job, since each takes a moment.
rule derive:
    input:
        tables=[
            f"{PROCESSED}/{sheet.table}.parquet"
            for contract in CONTRACTS.values()
            for sheet in contract.sheets.values()
        ],
        links=glob(f"config/{STUDY.name}/links.yaml"),
    output:
        [f"{PROCESSED}/{name}.parquet" for name in STUDY.derivations],
    log:
        run=f"{RESULTS}/logs/derive.log",
        report=f"{RESULTS}/validation/links.json",
        page=f"{RESULTS}/validation/links.html",
    params:
        study=STUDY.name,
        out=folder_of_output,
        examples=config["examples"],
        settings=plain([STUDY.derivations, STUDY.window]),
        code=source_digest(
            [
                "contracts.links",
                *(f"derive.{entry['module']}" for entry in STUDY.derivations.values()),
            ]
        ),
        tables=lambda wildcards, input: [f"--table {table}" for table in input.tables],
    shell:
        "python -m drive_eval derive --study {params.study} {params.tables} --out {params.out}"
        " --report {log.report} --examples {params.examples} > {log.run} 2>&1"
