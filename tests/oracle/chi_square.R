# Two groups and a yes/no outcome in base R: chisq.test, fisher.test; limits by their formulas.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)

for (i in seq_len(nrow(tables))) {
  x <- tables[i, ]
  counts <- matrix(c(x$with_yes, x$with_no, x$without_yes, x$without_no), 2, byrow = TRUE)
  say <- function(term, ...) keep(x$outcome, x$group, term, ...)
  plain <- suppressWarnings(chisq.test(counts, correct = FALSE))
  yates <- suppressWarnings(chisq.test(counts, correct = TRUE))
  say("pearson", statistic = unname(plain$statistic), p_value = plain$p.value)
  say("yates", statistic = unname(yates$statistic), p_value = yates$p.value)
  say("fisher", p_value = fisher.test(counts)$p.value)
  odds_ratio <- counts[1, 1] * counts[2, 2] / (counts[1, 2] * counts[2, 1])
  if (min(counts) > 0) {
    error <- sqrt(sum(1 / counts))
    limits <- exp(log(odds_ratio) + c(-1, 1) * qnorm(0.975) * error)
    say("odds_ratio", odds_ratio = odds_ratio, std_error = error, ci_low = limits[1], ci_high = limits[2])
  } else say("odds_ratio", odds_ratio = odds_ratio)
  n <- rowSums(counts)
  p <- counts[, 1] / n
  first <- wilson(counts[1, 1], n[1])
  second <- wilson(counts[2, 1], n[2])
  d <- p[1] - p[2]
  say("risk_difference", risk_difference = d,
      ci_low = d - sqrt((p[1] - first[1])^2 + (second[2] - p[2])^2),
      ci_high = d + sqrt((first[2] - p[1])^2 + (p[2] - second[1])^2))
  statistic <- unname(plain$statistic)
  ncp <- function(tail) {
    f <- function(l) pchisq(statistic, 1, ncp = l) - tail
    if (f(0) <= 0) 0 else uniroot(f, c(0, 20 + 4 * statistic), tol = 1e-14)$root
  }
  say("cramers_v", cramers_v = sqrt(statistic / sum(counts)),
      ci_low = sqrt(ncp(0.975) / sum(counts)), ci_high = min(1, sqrt(ncp(0.025) / sum(counts))))
}
write_results("chi_square.R")
