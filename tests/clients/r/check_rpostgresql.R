# R: DBI with RPostgreSQL, which is libpq with simple and parameterised statements. Prints `ok NAME` or `not ok NAME: REASON`.
suppressPackageStartupMessages(library(DBI))
suppressPackageStartupMessages(library(RPostgreSQL))

failed <- FALSE

check <- function(name, body) {
  name <- paste("R", name)
  tryCatch({
    body
    cat("ok ", name, "\n", sep = "")
  }, error = function(condition) {
    failed <<- TRUE
    cat("not ok ", name, ": ", gsub("\\s+", " ", conditionMessage(condition)), "\n", sep = "")
  })
}

equal <- function(actual, expected) {
  if (!identical(actual, expected)) {
    stop(paste(deparse(actual), collapse = " "), ", expected ", paste(deparse(expected), collapse = " "))
  }
}

# Of a server's error RPostgreSQL prints the text, warns, and answers NULL; the text is then found in the connection.
raises <- function(db, pattern, statement) {
  suppressWarnings(dbGetQuery(db, statement))
  text <- dbGetException(db)$errorMsg
  if (!grepl(pattern, text)) stop("no error with ", pattern, " but: ", text)
}

open <- function() {
  dbConnect(PostgreSQL(), host = Sys.getenv("PGHOST"), port = as.integer(Sys.getenv("PGPORT")),
            dbname = Sys.getenv("PGDATABASE"), user = Sys.getenv("PGUSER"), password = Sys.getenv("PGPASSWORD"))
}

with_connection <- function(body) {
  db <- open()
  on.exit(dbDisconnect(db))
  body(db)
}

check("connects over TLS", with_connection(function(db) {
  equal(dbGetQuery(db, "SELECT current_user::text AS who")$who, Sys.getenv("PGUSER"))
  equal(dbGetInfo(db)$dbname, Sys.getenv("PGDATABASE"))
  equal(dbGetQuery(db, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")$ssl, TRUE)
}))

check("reads project tables as data frames", with_connection(function(db) {
  customers <- dbGetQuery(db, "SELECT id, name, city FROM in_c_sales.customers ORDER BY id")
  equal(names(customers), c("id", "name", "city"))
  equal(enc2utf8(customers$name), c("Ada", "Božena", "Čeněk", "Dvořák, Jan"))
  orders <- dbReadTable(db, c("in_c_sales", "orders"))
  equal(nrow(orders), 100L)
  equal(sum(orders$amount), 1262.5)
  equal(sum(is.na(orders$note)), 33L)
  equal(class(orders$ordered_at), c("POSIXct", "POSIXt"))
}))

check("tables and fields are listed", with_connection(function(db) {
  dbSendQuery(db, "DROP TABLE IF EXISTS r_own")
  dbSendQuery(db, "CREATE TABLE r_own (id integer, label text)")
  listed <- dbListTables(db)
  equal(all(c("r_own", "customers", "orders") %in% listed), TRUE)
  equal(dbExistsTable(db, "r_own"), TRUE)
  equal(dbExistsTable(db, "r_nope"), FALSE)
  equal(dbExistsTable(db, c("in_c_sales", "orders")), TRUE)
  # its query has no ORDER BY
  equal(sort(dbListFields(db, "r_own")), c("id", "label"))
  equal(sort(dbListFields(db, c("in_c_sales", "customers"))), c("city", "id", "name"))
  equal(dbRemoveTable(db, "r_own"), TRUE)
  equal(dbExistsTable(db, "r_own"), FALSE)
}))

check("types come as R's own", with_connection(function(db) {
  row <- dbGetQuery(db, paste("SELECT true AS a, 1::int4 AS b, 2::int8 AS c, 1.5::float8 AS d, 2.25::numeric(10,2) AS e, 'žluť' AS f,",
                              "DATE '2024-02-29' AS g, TIMESTAMP '2024-01-02 03:04:05' AS h, NULL::text AS i, 1::int2 AS j"))
  equal(row$a, TRUE)
  equal(row$b, 1L)
  equal(row$c, 2)
  equal(row$d, 1.5)
  equal(row$e, 2.25)
  equal(enc2utf8(row$f), "žluť")
  equal(row$g, as.Date("2024-02-29"))
  equal(format(row$h, "%Y-%m-%d %H:%M:%S"), "2024-01-02 03:04:05")
  equal(is.na(row$i), TRUE)
  equal(row$j, 1L)
}))

check("columns are described", with_connection(function(db) {
  result <- dbSendQuery(db, "SELECT id, amount, note, ordered_at FROM in_c_sales.orders")
  about <- dbColumnInfo(result)
  equal(about$name, c("id", "amount", "note", "ordered_at"))
  equal(about$Sclass, c("double", "double", "character", "POSIXct"))
  equal(about$type, c("BIGINT", "FLOAT8", "TEXT", "TIMESTAMP"))
  dbClearResult(result)
}))

check("parameters are bound", with_connection(function(db) {
  found <- dbGetQuery(db, "SELECT name FROM in_c_sales.customers WHERE id = $1::bigint AND city = $2", list(2, "Brno"))
  equal(enc2utf8(found$name), "Božena")
  for (n in 1:7) equal(dbGetQuery(db, "SELECT $1::int4 + 1 AS n", list(n))$n, n + 1L)
}))

check("statements are prepared with SQL", with_connection(function(db) {
  dbSendQuery(db, "PREPARE r_one (int) AS SELECT amount FROM in_c_sales.orders WHERE id = $1")
  equal(dbGetQuery(db, "EXECUTE r_one(10)")$amount, 2.5)
  equal(dbGetQuery(db, "EXECUTE r_one(20)")$amount, 5)
  dbSendQuery(db, "DEALLOCATE r_one")
}))

check("a result is fetched in parts", with_connection(function(db) {
  result <- dbSendQuery(db, "SELECT g FROM generate_series(1, 2500) g")
  total <- 0
  count <- 0
  while (!dbHasCompleted(result)) {
    part <- fetch(result, n = 400)
    total <- total + sum(part$g)
    count <- count + nrow(part)
  }
  dbClearResult(result)
  equal(c(count, total), c(2500, 2500 * 2501 / 2))
}))

check("a declared cursor is fetched", with_connection(function(db) {
  dbBegin(db)
  dbSendQuery(db, "DECLARE r_cursor NO SCROLL CURSOR FOR SELECT g FROM generate_series(1, 1500) g")
  equal(nrow(dbGetQuery(db, "FETCH FORWARD 1000 FROM r_cursor")), 1000L)
  equal(nrow(dbGetQuery(db, "FETCH FORWARD 1000 FROM r_cursor")), 500L)
  dbSendQuery(db, "CLOSE r_cursor")
  dbCommit(db)
}))

check("data frames are written with COPY and read back", with_connection(function(db) {
  frame <- data.frame(n = 1:300, x = c(NA, seq_len(299) / 4), t = c("tab\there", "line\nbreak", NA, rep("plain \\ back", 297)),
                      b = rep(c(TRUE, FALSE), 150), stringsAsFactors = FALSE)
  if (dbExistsTable(db, "r_frame")) dbRemoveTable(db, "r_frame")
  equal(dbWriteTable(db, "r_frame", frame, row.names = FALSE), TRUE)
  back <- dbGetQuery(db, "SELECT * FROM r_frame ORDER BY n")
  equal(back$n, frame$n)
  equal(back$x, frame$x)
  equal(back$t, frame$t)
  equal(back$b, frame$b)
  equal(dbWriteTable(db, "r_frame", frame, row.names = FALSE, append = TRUE), TRUE)
  equal(dbGetQuery(db, "SELECT count(*) AS n FROM r_frame")$n, 600)
  equal(dbWriteTable(db, "r_frame", frame[1:5, ], row.names = FALSE, overwrite = TRUE), TRUE)
  equal(dbGetQuery(db, "SELECT count(*) AS n FROM r_frame")$n, 5)
  equal(dbRemoveTable(db, "r_frame"), TRUE)
}))

check("transactions commit and roll back", with_connection(function(db) {
  dbSendQuery(db, "DROP TABLE IF EXISTS r_tx")
  dbSendQuery(db, "CREATE TABLE r_tx (x integer PRIMARY KEY)")
  dbBegin(db)
  dbSendQuery(db, "INSERT INTO r_tx VALUES (1)")
  dbRollback(db)
  equal(dbGetQuery(db, "SELECT count(*) AS n FROM r_tx")$n, 0)
  dbBegin(db)
  result <- dbSendQuery(db, "INSERT INTO r_tx VALUES (1), (2)")
  equal(dbGetRowsAffected(result), 2L)
  dbClearResult(result)
  dbCommit(db)
  equal(dbGetQuery(db, "SELECT sum(x) AS n FROM r_tx")$n, 3)
  dbRemoveTable(db, "r_tx")
}))

check("errors are told and leave the connection usable", with_connection(function(db) {
  raises(db, "nope.* does not exist", "SELECT * FROM nope")
  raises(db, "division by zero", "SELECT 1 / (id - 1) FROM in_c_sales.customers")
  raises(db, "syntax error", "SELEC 1")
  raises(db, "permission denied|read-only", "DELETE FROM in_c_sales.orders")
  equal(dbGetQuery(db, "SELECT 1::int4 AS n")$n, 1L)
}))

check("strings and identifiers are quoted", with_connection(function(db) {
  text <- "O'Reilly \\ \"x\""
  equal(dbGetQuery(db, paste0("SELECT '", postgresqlEscapeStrings(db, text), "' AS t"))$t, text)
  equal(dbGetQuery(db, 'SELECT 1::int4 AS "Mixed Case"'), data.frame(`Mixed Case` = 1L, check.names = FALSE))
}))

quit(status = if (failed) 1 else 0)
