# Logistic regression in base R: glm with a tight stop, Wald tests; marginal effects and inflation by their definitions.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))

people <- tables[rep(seq_len(nrow(tables)), tables$people), setdiff(names(tables), "people")]
outcome <- names(people)[1]
predictors <- names(people)[-1]
fit <- glm(reformulate(predictors, outcome), binomial, people, epsilon = 1e-14, maxit = 100)
numbers <- summary(fit)$coefficients
for (name in rownames(numbers)) {
  row <- numbers[name, ]
  group <- if (name == "(Intercept)") "constant" else name
  limits <- row[1] + c(-1, 1) * qnorm(0.975) * row[2]
  keep(outcome, group, "coefficient", coefficient = row[[1]], std_error = row[[2]], statistic = row[[3]],
       p_value = row[[4]], ci_low = limits[1], ci_high = limits[2])
  keep(outcome, group, "odds_ratio", odds_ratio = exp(row[[1]]), ci_low = exp(limits[1]), ci_high = exp(limits[2]))
}
for (name in predictors) {
  present <- absent <- people
  present[[name]] <- 1
  absent[[name]] <- 0
  effect <- mean(predict(fit, present, type = "response")) - mean(predict(fit, absent, type = "response"))
  keep(outcome, name, "average_marginal_effect", average_marginal_effect = effect)
  r2 <- summary(lm(reformulate(setdiff(predictors, name), name), people))$r.squared
  keep(outcome, name, "variance_inflation", variance_inflation = 1 / (1 - r2))
}
keep(outcome, "all", "likelihood_ratio", statistic = fit$null.deviance - fit$deviance,
     p_value = pchisq(fit$null.deviance - fit$deviance, length(predictors), lower.tail = FALSE))
write_results("logistic_regression.R")
