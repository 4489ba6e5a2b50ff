# Best log-likelihood of latent class models of complete yes/no items by flexmix: <items.csv> <out.csv>
suppressMessages(library(flexmix))
arguments <- commandArgs(trailingOnly = TRUE)
items <- as.matrix(read.csv(arguments[1]))
set.seed(2019)
control <- list(iter.max = 5000, tolerance = 1e-12, minprior = 0, classify = "weighted")
best <- sapply(2:3, function(k) {
  fits <- lapply(1:40, function(start) {
    tryCatch(flexmix(items ~ 1, k = k, model = FLXMCmvbinary(), control = control), error = function(e) NULL)
  })
  max(unlist(lapply(fits, function(fit) if (is.null(fit)) NULL else as.numeric(logLik(fit)))))
})
write.csv(data.frame(classes = 2:3, log_likelihood = sprintf("%.10f", best)), arguments[2], row.names = FALSE)
