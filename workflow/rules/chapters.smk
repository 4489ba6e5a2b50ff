# One analysis job and one exhibit job per chapter of the report, joined in the results registry.
rule chapter:
    input:
        lambda wildcards: [
            f"{PROCESSED}/{name}.parquet" for name in STUDY.sets_of(wildcards.chapter)
        ],
    output:
        f"{RESULTS}/chapters/{{chapter}}.parquet",
    log:
        f"{RESULTS}/logs/chapter_{{chapter}}.log",
    params:
        settings=lambda wildcards: STUDY.settings_of(wildcards.chapter),
        code=lambda wildcards: CODE_OF_CHAPTER[wildcards.chapter],
        study=STUDY.name,
        tables=lambda wildcards, input: [f"--table {table}" for table in input],
    shell:
        "python -m drive_eval chapter {wildcards.chapter} --study {params.study} {params.tables}"
        " --out {output} > {log} 2>&1"


rule registry:
    input:
        expand(f"{RESULTS}/chapters/{{chapter}}.parquet", chapter=STUDY.chapters),
    output:
        parquet=f"{RESULTS}/registry.parquet",
        csv=f"{RESULTS}/registry.csv",
    log:
        f"{RESULTS}/logs/registry.log",
    params:
        code=source_digest(["results"]),
    shell:
        "python -m drive_eval register {input} --out {output.parquet} > {log} 2>&1"


# One job: it imports once, then forks; pictures whose numbers, words and code stand are taken from `drawn`.
rule exhibits:
    input:
        expand(f"{RESULTS}/chapters/{{chapter}}.parquet", chapter=STUDY.chapters),
    output:
        list(files_of_exhibits(STUDY.exhibits)),
    log:
        f"{RESULTS}/logs/exhibits.log",
    threads: 2
    params:
        study=STUDY.name,
        out=lambda wildcards, input: str(Path(input[0]).parents[1]),
        kept=f"{PROCESSED}/drawn",
        entries=plain([[vars(exhibit) for exhibit in STUDY.exhibits], STUDY.labels]),
        code=source_digest(["drawing", *FORMS]),
    shell:
        "python -m drive_eval exhibits {input} --study {params.study} --out {params.out}"
        " --kept {params.kept} --jobs {threads} > {log} 2>&1"
