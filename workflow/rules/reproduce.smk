# The registry against the published register; the last rule fails and names the numbers that differ.
rule reproduce:
    input:
        registry=f"{RESULTS}/registry.parquet",
        register=f"config/{STUDY.name}/reference.csv",
        assumed=f"config/{STUDY.name}/assumed.csv",
    output:
        in_report(
            "reproduction/comparison.csv",
            "comparison",
            "Reproduction",
            exhibit="Each printed number beside the computed one",
            base="All entries of the published register",
        ),
        f"{RESULTS}/reproduction/assumed.csv",
        f"{RESULTS}/reproduction/summary.json",
    log:
        f"{RESULTS}/logs/reproduce.log",
    params:
        study=STUDY.name,
        out=folder_of_output,
        code=source_digest(["reference.verdicts"]),
    shell:
        "python -m drive_eval reproduce --study {params.study} --registry {input.registry}"
        " --out {params.out} > {log} 2>&1"


rule verdict:
    input:
        f"{RESULTS}/reproduction/summary.json",
    output:
        f"{RESULTS}/reproduction/passed.txt",
    log:
        f"{RESULTS}/logs/verdict.log",
    shell:
        "python -m drive_eval verdict {input} --out {output} > {log} 2>&1"


rule audit:
    input:
        register=f"config/{STUDY.name}/reference.csv",
        relations=f"config/{STUDY.name}/audit.yaml",
    output:
        in_report(
            "audit/audit.csv",
            "audit",
            "Reproduction",
            exhibit="Can each printed number be true together with the others?",
            base="All entries of the published register",
        ),
        f"{RESULTS}/audit/summary.json",
    log:
        f"{RESULTS}/logs/audit.log",
    params:
        study=STUDY.name,
        out=folder_of_output,
        code=source_digest(["reference.audit"]),
    shell:
        "python -m drive_eval audit {params.study} --out {params.out} > {log} 2>&1"
