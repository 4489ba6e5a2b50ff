# Mantel-Haenszel in base R: mantelhaen.test, fisher.test, chisq.test; what base R lacks is written from its formula.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
z <- qnorm(0.975)

breslow_day <- function(cells, odds_ratio, tarone) {
  # expected index-group cases under a common odds ratio, by root finding, one stratum at a time
  parts <- apply(cells, 3, function(t) {
    yes <- sum(t[, 1]); index <- sum(t[1, ]); reference <- sum(t[2, ])
    f <- function(a) a * (reference - yes + a) - odds_ratio * (yes - a) * (index - a)
    a <- uniroot(f, c(max(0, yes - reference), min(yes, index)), tol = 1e-14)$root
    v <- 1 / (1 / a + 1 / (yes - a) + 1 / (index - a) + 1 / (reference - yes + a))
    c(excess = t[1, 1] - a, variance = v)
  })
  statistic <- sum(parts["excess", ]^2 / parts["variance", ])
  if (tarone) statistic <- statistic - sum(parts["excess", ])^2 / sum(parts["variance", ])
  c(statistic = statistic, p_value = pchisq(statistic, dim(cells)[3] - 1, lower.tail = FALSE))
}

for (outcome in unique(tables$outcome)) {
  rows <- tables[tables$outcome == outcome, ]
  # group (index, reference) x answer (yes, no) x stratum
  cells <- array(t(as.matrix(rows[, c("index_yes", "reference_yes", "index_no", "reference_no")])), c(2, 2, nrow(rows)))
  one <- apply(cells, 1:2, sum)
  say <- function(term, ...) keep(outcome, "all", term, ...)
  odds_ratio <- one[1, 1] * one[2, 2] / (one[1, 2] * one[2, 1])
  error <- sqrt(sum(1 / one))
  say("odds_ratio", odds_ratio = odds_ratio, std_error = error,
      ci_low = exp(log(odds_ratio) - z * error), ci_high = exp(log(odds_ratio) + z * error))
  say("wald", statistic = log(odds_ratio) / error, p_value = 2 * pnorm(-abs(log(odds_ratio) / error)))
  say("fisher", p_value = fisher.test(one)$p.value)
  pearson <- unname(chisq.test(one, correct = FALSE)$statistic) * (sum(one) - 1) / sum(one)
  say("mantel_haenszel", statistic = pearson, p_value = pchisq(pearson, 1, lower.tail = FALSE))
  risks <- one[, 1] / rowSums(one)
  spread <- sqrt(sum((1 - risks) / one[, 1]))
  say("risk_ratio", risk_ratio = risks[1] / risks[2],
      ci_low = exp(log(risks[1] / risks[2]) - z * spread), ci_high = exp(log(risks[1] / risks[2]) + z * spread))
  wilson <- sapply(1:2, function(g) suppressWarnings(prop.test(one[g, 1], sum(one[g, ]), correct = FALSE)$conf.int))
  difference <- risks[1] - risks[2]
  say("risk_difference", risk_difference = difference,
      ci_low = difference - sqrt((risks[1] - wilson[1, 1])^2 + (wilson[2, 2] - risks[2])^2),
      ci_high = difference + sqrt((wilson[2, 1] - risks[1])^2 + (risks[2] - wilson[1, 2])^2))

  say <- function(term, ...) keep(outcome, "by_site", term, ...)
  plain <- mantelhaen.test(cells, correct = FALSE)
  corrected <- mantelhaen.test(cells, correct = TRUE)
  say("odds_ratio", odds_ratio = unname(plain$estimate), ci_low = plain$conf.int[1], ci_high = plain$conf.int[2])
  say("mantel_haenszel", statistic = unname(plain$statistic), p_value = plain$p.value)
  say("corrected", statistic = unname(corrected$statistic), p_value = corrected$p.value)
  informative <- cells[, , apply(cells, 3, function(t) all(colSums(t) > 0)), drop = FALSE]
  if (dim(informative)[3] > 1) {
    for (tarone in c(FALSE, TRUE)) {
      test <- breslow_day(informative, unname(plain$estimate), tarone)
      say(if (tarone) "tarone" else "breslow_day", statistic = test[["statistic"]], p_value = test[["p_value"]])
    }
  }
  a <- cells[1, 1, ]; b <- cells[2, 1, ]
  n1 <- cells[1, 1, ] + cells[1, 2, ]; n0 <- cells[2, 1, ] + cells[2, 2, ]; n <- n1 + n0
  ratio <- sum(a * n0 / n) / sum(b * n1 / n)
  spread <- sqrt(sum((n1 * n0 * (a + b) - a * b * n) / n^2) / (sum(a * n0 / n) * sum(b * n1 / n)))
  say("risk_ratio", risk_ratio = ratio, ci_low = exp(log(ratio) - z * spread), ci_high = exp(log(ratio) + z * spread))
  weights <- n1 * n0 / n
  difference <- sum(weights * (a / n1 - b / n0)) / sum(weights)
  p <- (n1^2 * b - n0^2 * a + n1 * n0 * (n0 - n1) / 2) / n^2
  q <- (a * (n0 - b) + b * (n1 - a)) / (2 * n)
  error <- sqrt(difference * sum(p) + sum(q)) / sum(weights)
  say("risk_difference", risk_difference = difference, ci_low = difference - z * error, ci_high = difference + z * error)
}
write_results("mantel_haenszel.R")
