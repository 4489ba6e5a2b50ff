# Mean, standard deviation, t interval and SPSS percentiles (type 6) in base R.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (group in unique(tables$group)) {
  rows <- tables[tables$group == group, ]
  x <- rep(rows$value, rows$count)
  say <- function(term, ...) keep(rows$outcome[1], group, term, ...)
  interval <- t.test(x)$conf.int
  say("mean", mean = mean(x), std_error = sd(x) / sqrt(length(x)), ci_low = interval[1], ci_high = interval[2])
  say("sd", sd = sd(x))
  quartiles <- quantile(x, c(0.25, 0.5, 0.75), type = 6, names = FALSE)
  say("q1", q1 = quartiles[1])
  say("median", median = quartiles[2])
  say("q3", q3 = quartiles[3])
  say("min", min = min(x))
  say("max", max = max(x))
}
write_results("profile_descriptives.R")
