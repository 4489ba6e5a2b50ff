# Friedman and its pairs in base R: friedman.test, wilcox.test, pt, pnorm; ranks of SPSS and Conover by their formulas.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (outcome in unique(tables$outcome)) {
  x <- tables[tables$outcome == outcome, ]
  m <- as.matrix(x[rep(seq_len(nrow(x)), x$people), c("first", "second", "third")])
  n <- nrow(m)
  k <- ncol(m)
  say <- function(time, term, ...) keep(outcome, time, term, ...)
  whole <- friedman.test(m)
  say("all", "friedman", statistic = unname(whole$statistic), df = unname(whole$parameter), p_value = whole$p.value,
      kendalls_w = unname(whole$statistic) / (n * (k - 1)))
  ranks <- t(apply(m, 1, rank))
  for (j in 1:k) say(colnames(m)[j], "mean_rank", mean_rank = mean(ranks[, j]))
  for (pair in list(c(1, 2), c(1, 3), c(2, 3))) {
    a <- pair[1]
    b <- pair[2]
    time <- paste0(colnames(m)[a], "_v_", colnames(m)[b])
    # SPSS (Dunn 1964)
    z <- (mean(ranks[, a]) - mean(ranks[, b])) / sqrt(k * (k + 1) / (6 * n))
    p <- 2 * pnorm(-abs(z))
    say(time, "rank_comparison", statistic = z, p_value = p, p_adjusted = p.adjust(p, "bonferroni", n = 3))
    # Conover (1999), 5.8, equation 6
    sums <- colSums(ranks)
    t <- (sums[a] - sums[b]) / sqrt(2 * (n * sum(ranks^2) - sum(sums^2)) / ((n - 1) * (k - 1)))
    p <- 2 * pt(-abs(t), (n - 1) * (k - 1))
    say(time, "conover", statistic = unname(t), df = (n - 1) * (k - 1), p_value = unname(p),
        p_adjusted = unname(p.adjust(p, "bonferroni", n = 3)))
    for (correct in c(FALSE, TRUE)) {
      w <- wilcox.test(m[, a], m[, b], paired = TRUE, exact = FALSE, correct = correct)
      say(time, if (correct) "wilcoxon_corrected" else "wilcoxon", p_value = w$p.value)
    }
    # Hodges-Lehmann with limits of Hollander and Wolfe, 3.3 (large sample)
    d <- m[, b] - m[, a]
    walsh <- outer(d, d, "+") / 2
    walsh <- sort(walsh[!lower.tri(walsh)])
    steps <- floor(n * (n + 1) / 4 - qnorm(0.975) * sqrt(n * (n + 1) * (2 * n + 1) / 24))
    say(time, "hodges_lehmann", shift = median(walsh), ci_low = walsh[steps], ci_high = walsh[length(walsh) + 1 - steps])
  }
}
write_results("friedman.R")
