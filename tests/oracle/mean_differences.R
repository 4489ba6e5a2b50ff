# Means of two groups in base R: t.test in both forms, Levene's test by aov on deviations from the mean; rest by formula.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (key in unique(paste(tables$outcome, tables$stratum))) {
  x <- tables[paste(tables$outcome, tables$stratum) == key, ]
  x <- x[rep(seq_len(nrow(x)), x$people), ]
  say <- function(term, ...) keep(x$outcome[1], x$stratum[1], term, ...)
  a <- x$number[x$arm == "drive"]
  b <- x$number[x$arm == "control"]
  deviation <- c(abs(a - mean(a)), abs(b - mean(b)))
  group <- factor(rep(c("a", "b"), c(length(a), length(b))))
  levene <- summary(aov(deviation ~ group))[[1]]
  say("levene", statistic = levene[1, "F value"], p_value = levene[1, "Pr(>F)"], df = levene[1, "Df"])
  forms <- list(welch = t.test(a, b), pooled = t.test(a, b, var.equal = TRUE))
  forms$levene_rule <- forms[[if (levene[1, "Pr(>F)"] < 0.05) "welch" else "pooled"]]
  for (form in names(forms)) {
    f <- forms[[form]]
    say(form, statistic = unname(f$statistic), df = unname(f$parameter), p_value = f$p.value, std_error = f$stderr,
        mean_difference = unname(f$estimate[1] - f$estimate[2]), ci_low = f$conf.int[1], ci_high = f$conf.int[2])
  }
  # Hedges and Olkin (1985)
  n <- c(length(a), length(b))
  df <- sum(n) - 2
  d <- (mean(a) - mean(b)) / sqrt(((n[1] - 1) * var(a) + (n[2] - 1) * var(b)) / df)
  j <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  reach <- qnorm(0.975) * j * sqrt(sum(n) / prod(n) + d^2 / (2 * sum(n)))
  say("hedges_g", hedges_g = j * d, ci_low = j * d - reach, ci_high = j * d + reach)
  # Brunner and Munzel (2000): placements, not ranks, so that the route is another one
  above <- sapply(a, function(v) mean(b < v) + mean(b == v) / 2)
  below <- sapply(b, function(v) mean(a > v) + mean(a == v) / 2)
  p <- mean(above)
  parts <- c(var(above), var(below)) / n
  error <- sqrt(sum(parts))
  freedom <- sum(parts)^2 / sum(parts^2 / (n - 1))
  limits <- p + c(-1, 1) * qt(0.975, freedom) * error
  say("brunner_munzel", probability_higher = p, std_error = error, statistic = (p - 0.5) / error, df = freedom,
      p_value = 2 * pt(-abs((p - 0.5) / error), freedom), ci_low = max(0, limits[1]), ci_high = min(1, limits[2]))
}
write_results("mean_differences.R")
