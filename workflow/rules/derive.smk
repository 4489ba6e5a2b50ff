# Analysis sets: populations, outcomes and time points, from typed tables; one job, since each takes a moment.
rule derive:
    input:
        [
            f"{PROCESSED}/{sheet.table}.parquet"
            for contract in CONTRACTS.values()
            for sheet in contract.sheets.values()
        ],
    output:
        [f"{PROCESSED}/{name}.parquet" for name in STUDY.derivations],
    log:
        f"{RESULTS}/logs/derive.log",
    params:
        settings=plain(STUDY.derivations),
        code=source_digest(
            [f"derive.{entry['module']}" for entry in STUDY.derivations.values()]
        ),
        tables=lambda wildcards, input: [f"--table {table}" for table in input],
    shell:
        "python -m drive_eval derive --study {STUDY.name} {params.tables} --out {PROCESSED} > {log} 2>&1"
