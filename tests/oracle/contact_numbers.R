# Mean with t limits, SD, and percentiles as SPSS prints them (quantile type 6), in base R.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (name in unique(paste(tables$outcome, tables$group))) {
  x <- tables[paste(tables$outcome, tables$group) == name, ]
  say <- function(term, ...) keep(x$outcome[1], x$group[1], term, ...)
  test <- t.test(x$number)
  say("mean", mean = unname(test$estimate), std_error = unname(test$stderr),
      ci_low = test$conf.int[1], ci_high = test$conf.int[2])
  say("sd", sd = sd(x$number))
  quartiles <- quantile(x$number, c(0.25, 0.5, 0.75), type = 6, names = FALSE)
  say("q1", q1 = quartiles[1])
  say("median", median = quartiles[2])
  say("q3", q3 = quartiles[3])
  say("min", min = min(x$number))
  say("max", max = max(x$number))
}
write_results("contact_numbers.R")
