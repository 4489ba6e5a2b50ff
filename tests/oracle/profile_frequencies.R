# Shares with Wilson intervals in base R: prop.test without continuity correction.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (i in seq_len(nrow(tables))) {
  x <- tables[i, ]
  interval <- suppressWarnings(prop.test(x$n, x$base, correct = FALSE)$conf.int)
  keep(x$outcome, x$group, x$term, proportion = x$n / x$base, ci_low = interval[1], ci_high = interval[2])
}
write_results("profile_frequencies.R")
