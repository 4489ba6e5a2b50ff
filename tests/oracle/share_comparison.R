# Shares of two groups in base R: prop.test, fisher.test; log intervals of the ratios by their formulas.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
z <- qnorm(0.975)

for (i in seq_len(nrow(tables))) {
  x <- tables[i, ]
  yes <- c(x$yes, x$other_yes)
  base <- c(x$base, x$other_base)
  no <- base - yes
  risks <- yes / base
  wilson <- sapply(1:2, function(g) suppressWarnings(prop.test(yes[g], base[g], correct = FALSE)$conf.int))
  names <- strsplit(x$group, "_v_")[[1]]
  for (g in 1:2) keep(x$outcome, names[g], "yes", proportion = risks[g], ci_low = wilson[1, g], ci_high = wilson[2, g])
  say <- function(term, ...) keep(x$outcome, x$group, term, ...)
  ratio <- function(term, estimate, error) {
    if (is.nan(estimate)) return(invisible())
    numbers <- setNames(estimate, term)
    if (is.finite(error)) {
      numbers <- c(numbers, std_error = error, ci_low = exp(log(estimate) - z * error), ci_high = exp(log(estimate) + z * error))
    }
    say(term, numbers)
  }
  ratio("odds_ratio", yes[1] * no[2] / (no[1] * yes[2]), sqrt(sum(1 / c(yes, no))))
  ratio("risk_ratio", risks[1] / risks[2], sqrt(sum(1 / yes - 1 / base)))
  difference <- risks[1] - risks[2]
  say("risk_difference", risk_difference = difference,
      ci_low = difference - sqrt((risks[1] - wilson[1, 1])^2 + (wilson[2, 2] - risks[2])^2),
      ci_high = difference + sqrt((wilson[2, 1] - risks[1])^2 + (risks[2] - wilson[1, 2])^2),
      p_value = fisher.test(cbind(yes, no))$p.value)
}
write_results("share_comparison.R")
