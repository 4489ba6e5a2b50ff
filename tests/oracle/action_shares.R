# Share of actions with limits between cases in base R: a logistic model with only an intercept, its variance by the
# sandwich over cases (scores of each case), small-sample factor k / (k - 1), t limits with k - 1 degrees of freedom.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

for (name in unique(paste(tables$outcome, tables$group))) {
  x <- tables[paste(tables$outcome, tables$group) == name, ]
  k <- nrow(x)
  fit <- glm(cbind(number, size - number) ~ 1, binomial, data = x, control = glm.control(epsilon = 1e-14, maxit = 50))
  logit <- unname(coef(fit))
  share <- plogis(logit)
  scores <- x$number - x$size * fitted(fit)
  # not vcov(fit), whose weights are those of the last step but one
  bread <- 1 / sum(x$size * fitted(fit) * (1 - fitted(fit)))
  error <- sqrt(k / (k - 1) * bread^2 * sum(scores^2))
  limits <- plogis(logit + c(-1, 1) * qt(0.975, k - 1) * error)
  keep(x$outcome[1], x$group[1], "share", proportion = share, std_error = error * share * (1 - share),
       ci_low = limits[1], ci_high = limits[2])
}
write_results("action_shares.R")
