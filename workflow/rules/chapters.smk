# One analysis job and one exhibit job per chapter of the report, joined in the results registry.
rule chapter:
    input:
        tables_of_chapter,
    output:
        f"{RESULTS}/chapters/{{chapter}}.parquet",
    log:
        f"{RESULTS}/logs/chapter_{{chapter}}.log",
    params:
        settings=settings_of_chapter,
        code=lambda wildcards: source_digest(
            modules_of(STUDY.chapter(wildcards.chapter))
        ),
        tables=lambda wildcards, input: [f"--table {table}" for table in input],
    shell:
        "python -m drive_eval chapter {wildcards.chapter} --study {STUDY.name} {params.tables}"
        " --out {output} > {log} 2>&1"


rule registry:
    input:
        expand(f"{RESULTS}/chapters/{{chapter}}.parquet", chapter=CHAPTERS),
    output:
        f"{RESULTS}/registry.parquet",
        f"{RESULTS}/registry.csv",
    log:
        f"{RESULTS}/logs/registry.log",
    params:
        code=source_digest(["results"]),
    shell:
        "python -m drive_eval register {input} --out {output[0]} > {log} 2>&1"


for chapter in CHAPTERS:

    rule:
        name:
            f"exhibits_{chapter}"
        input:
            f"{RESULTS}/chapters/{chapter}.parquet",
        output:
            [f"{RESULTS}/{path}" for path in exhibit_files(STUDY.chapter(chapter))],
        log:
            f"{RESULTS}/logs/exhibits_{chapter}.log",
        params:
            exhibits=[exhibit.id for exhibit in STUDY.chapter(chapter)],
            entries=plain(
                [[vars(exhibit) for exhibit in STUDY.chapter(chapter)], STUDY.labels]
            ),
            code=source_digest(
                [
                    "exhibits.make",
                    *(
                        f"exhibits.{exhibit.form}"
                        for exhibit in STUDY.chapter(chapter)
                    ),
                ]
            ),
        shell:
            "python -m drive_eval exhibits {params.exhibits} --study {STUDY.name} --registry {input}"
            " --out {RESULTS} > {log} 2>&1"
