# Analysis sets: populations, outcomes and time points, from typed tables.
for derived, entry in STUDY.derivations.items():

    rule:
        name:
            f"derive_{derived}"
        input:
            [f"{PROCESSED}/{table}.parquet" for table in entry["tables"]],
        output:
            f"{PROCESSED}/{derived}.parquet",
        log:
            f"{RESULTS}/logs/derive_{derived}.log",
        params:
            derived=derived,
            settings=plain(entry),
            code=source_digest([f"derive.{entry['module']}"]),
            tables=[f"--table {PROCESSED}/{table}.parquet" for table in entry["tables"]],
        shell:
            "python -m drive_eval derive {params.derived} --study {STUDY.name} {params.tables}"
            " --out {output} > {log} 2>&1"
