# Mean of person-level proportions and its change in base R: mean, t.test, wilcox.test.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

windows <- c("before", "during", "after")
for (outcome in unique(tables$outcome)) {
  changes <- list()
  for (group in c("drive", "control")) {
    x <- tables[tables$outcome == outcome & tables$group == group, ]
    shares <- sapply(windows, function(w) {
      ifelse(x[[paste0("all_", w)]] > 0, x[[paste0("criminal_", w)]] / x[[paste0("all_", w)]], NA)
    })
    say <- function(term, ...) keep(outcome, group, term, ...)
    for (w in windows) {
      one <- t.test(shares[, w])
      say(paste0("mean_proportion_", w), mean_proportion = unname(one$estimate), std_error = one$stderr,
          ci_low = one$conf.int[1], ci_high = one$conf.int[2])
      say(paste0("pooled_proportion_", w),
          proportion = sum(x[[paste0("criminal_", w)]]) / sum(x[[paste0("all_", w)]]))
    }
    means <- colMeans(shares, na.rm = TRUE)
    say("mean_proportion", relative_reduction = unname(1 - means["after"] / means["before"]))
    say("criminal", relative_reduction = 1 - sum(x$criminal_after) / sum(x$criminal_before))
    both <- !is.na(shares[, "before"]) & !is.na(shares[, "after"])
    paired <- t.test(shares[both, "after"], shares[both, "before"], paired = TRUE)
    say("mean_change", mean_difference = unname(paired$estimate), std_error = paired$stderr,
        statistic = unname(paired$statistic), df = unname(paired$parameter), p_value = paired$p.value,
        ci_low = paired$conf.int[1], ci_high = paired$conf.int[2])
    ranked <- suppressWarnings(wilcox.test(shares[both, "after"], shares[both, "before"], paired = TRUE,
                                           exact = FALSE, correct = TRUE))
    say("wilcoxon", statistic = unname(ranked$statistic), p_value = ranked$p.value)
    changes[[group]] <- shares[both, "after"] - shares[both, "before"]
  }
  welch <- t.test(changes$drive, changes$control)
  keep(outcome, "drive_minus_control", "mean_change",
       mean_difference = unname(welch$estimate[1] - welch$estimate[2]),
       statistic = unname(welch$statistic), df = unname(welch$parameter), p_value = welch$p.value,
       ci_low = welch$conf.int[1], ci_high = welch$conf.int[2])
}
write_results("mean_proportions.R")
