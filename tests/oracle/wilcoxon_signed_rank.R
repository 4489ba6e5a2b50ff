# Signed ranks in base R: wilcox.test, normal approximation without continuity correction, as SPSS prints it.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (outcome in unique(tables$outcome)) {
  rows <- tables[tables$outcome == outcome, ]
  before <- rep(rows$before, rows$people)
  after <- rep(rows$after, rows$people)
  test <- wilcox.test(before, after, paired = TRUE, exact = FALSE, correct = FALSE)
  keep(outcome, "drive", "signed_rank", statistic = unname(test$statistic), p_value = test$p.value)
  change <- (before - after)[before != after]
  ranks <- rank(abs(change))
  keep(outcome, "drive", "rank_biserial", rank_biserial = (sum(ranks[change > 0]) - sum(ranks[change < 0])) / sum(ranks))
}
write_results("wilcoxon_signed_rank.R")
