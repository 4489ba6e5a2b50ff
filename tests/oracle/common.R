# What every oracle script shares: read a table of counts, write named numbers with their source.
arguments <- commandArgs(trailingOnly = TRUE)
tables <- read.csv(arguments[1], stringsAsFactors = FALSE)
results <- list()

keep <- function(outcome, group, term, ...) {
  numbers <- c(...)
  for (name in names(numbers)) {
    results[[length(results) + 1]] <<- data.frame(
      outcome = outcome, group = group, term = term, statistic = name,
      value = sprintf("%.14g", numbers[[name]])
    )
  }
}

write_results <- function(script) {
  out <- file(arguments[2], "w")
  writeLines(paste0("# ", R.version.string, "; Rscript --vanilla ", script, " <tables.csv> <out.csv>"), out)
  write.csv(do.call(rbind, results), out, row.names = FALSE, quote = FALSE)
  close(out)
}
