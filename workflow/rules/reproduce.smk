# The registry against the published register; the last rule fails and names the numbers that differ.
rule reproduce:
    input:
        registry=f"{RESULTS}/registry.parquet",
        register=f"config/{STUDY.name}/reference.csv",
        assumed=f"config/{STUDY.name}/assumed.csv",
    output:
        f"{RESULTS}/reproduction/comparison.csv",
        f"{RESULTS}/reproduction/assumed.csv",
        f"{RESULTS}/reproduction/summary.json",
    log:
        f"{RESULTS}/logs/reproduce.log",
    params:
        code=source_digest(["reference.verdicts"]),
    shell:
        "python -m drive_eval reproduce --study {STUDY.name} --registry {input.registry}"
        " --out {RESULTS}/reproduction > {log} 2>&1"


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
        f"{RESULTS}/audit/audit.csv",
        f"{RESULTS}/audit/summary.json",
    log:
        f"{RESULTS}/logs/audit.log",
    params:
        code=source_digest(["reference.audit"]),
    shell:
        "python -m drive_eval audit {STUDY.name} --out {RESULTS}/audit > {log} 2>&1"
