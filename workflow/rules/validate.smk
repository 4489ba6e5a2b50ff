# One job per extract. The failure report counts as a log, so that it outlives a failed validation.
for extract, contract in CONTRACTS.items():

    rule:
        name:
            f"validate_{extract}"
        input:
            raw=[f"{RAW}/{name}" for name in raw_files(STUDY.extracts[extract])],
            contract=f"schemas/extracts/{STUDY.extracts[extract]['contract']}.yaml",
            mapping=mapping_path(Path(), STUDY.name, STUDY.extracts[extract]) or [],
        output:
            [f"{PROCESSED}/{sheet.table}.parquet" for sheet in contract.sheets.values()],
        log:
            run=f"{RESULTS}/logs/validate_{extract}.log",
            report=f"{RESULTS}/validation/{extract}.json",
            page=f"{RESULTS}/validation/{extract}.html",
        params:
            extract=extract,
            study=STUDY.name,
            out=folder_of_output,
            raw=lambda wildcards, input: [f"--raw {path}" for path in input.raw],
            examples=config["examples"],
            limits=plain(STUDY.limits),
            code=source_digest(["ingest.extract", "contracts.check"]),
        shell:
            "python -m drive_eval validate {params.extract} --study {params.study} {params.raw}"
            " --out {params.out} --report {log.report} --examples {params.examples} > {log.run} 2>&1"
