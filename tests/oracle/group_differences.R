# Differences between groups in base R: chisq.test without correction, kruskal.test.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (outcome in unique(tables$outcome)) {
  rows <- tables[tables$outcome == outcome, ]
  value <- rep(rows$value, rows$count)
  group <- factor(rep(rows$group, rows$count))
  if (rows$kind[1] == "category") {
    test <- suppressWarnings(chisq.test(table(value, group), correct = FALSE))
    least <- min(length(unique(value)), nlevels(group)) - 1
    keep(outcome, "by_site", "chi_square", statistic = unname(test$statistic), df = unname(test$parameter),
         p_value = test$p.value, cramers_v = sqrt(unname(test$statistic) / (length(value) * least)))
  } else {
    test <- kruskal.test(as.numeric(value), group)
    keep(outcome, "by_site", "kruskal_wallis", statistic = unname(test$statistic), df = unname(test$parameter),
         p_value = test$p.value, epsilon_squared = unname(test$statistic) / (length(value) - 1))
  }
}
write_results("group_differences.R")
