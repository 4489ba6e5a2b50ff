# drive-eval: extracts in, report out. Targets and includes only; rules are in workflow/rules.
from snakemake.utils import min_version

min_version("9.20")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/derive.smk"
include: "workflow/rules/chapters.smk"
include: "workflow/rules/reproduce.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/provenance.smk"


rule all:
    default_target: True
    input:
        rules.report.output,
        rules.provenance.output,
        f"{RESULTS}/reproduction/passed.txt",
