# McNemar and its companions in base R: mcnemar.test, binom.test, dbinom; the paired difference by its formula.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (i in seq_len(nrow(tables))) {
  x <- tables[i, ]
  counts <- matrix(c(x$both, x$started, x$stopped, x$neither), 2)
  discordant <- x$stopped + x$started
  pairs <- x$both + x$stopped + x$started + x$neither
  say <- function(term, ...) keep(x$outcome, x$group, term, ...)
  if (discordant > 0) {
    exact <- binom.test(x$stopped, discordant)
    say("exact", p_value = exact$p.value)
    corrected <- mcnemar.test(counts, correct = TRUE)
    say("corrected", statistic = unname(corrected$statistic), p_value = corrected$p.value)
    # mid-p: half the probability of what was observed is left out, on each side
    k <- 0:discordant
    p <- dbinom(k, discordant, 0.5)
    low <- min(x$stopped, x$started)
    one_sided <- sum(p[k < low]) + 0.5 * p[k == low]
    say("mid_p", p_value = if (x$stopped == x$started) 1 - 0.5 * p[k == low] else 2 * one_sided)
    odds <- function(share) share / (1 - share)
    say("odds_ratio", odds_ratio = x$stopped / x$started,
        ci_low = odds(exact$conf.int[1]), ci_high = odds(exact$conf.int[2]))
    if (discordant <= 25) say("spss_rule", p_value = exact$p.value)
    else say("spss_rule", statistic = unname(corrected$statistic), p_value = corrected$p.value)
  }
  # Bonett and Price (2012): one pair more in each discordant cell
  p12 <- (x$stopped + 1) / (pairs + 2)
  p21 <- (x$started + 1) / (pairs + 2)
  limits <- (p12 - p21) + c(-1, 1) * qnorm(0.975) * sqrt((p12 + p21 - (p12 - p21)^2) / (pairs + 2))
  say("risk_difference", risk_difference = x$stopped / pairs - x$started / pairs,
      ci_low = max(limits[1], -1), ci_high = min(limits[2], 1))
}
write_results("mcnemar.R")
