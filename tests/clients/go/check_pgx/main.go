// Command check_pgx checks pgx v5 in each of its query modes, and its pool.
package main

import (
	"context"
	"errors"

	"clients/checks"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var ctx = context.Background()

var modes = map[string]pgx.QueryExecMode{
	"cached statements":    pgx.QueryExecModeCacheStatement,
	"cached descriptions":  pgx.QueryExecModeCacheDescribe,
	"described every time": pgx.QueryExecModeDescribeExec,
	"typed by Go":          pgx.QueryExecModeExec,
	"simple protocol":      pgx.QueryExecModeSimpleProtocol,
}

var modeNames = []string{"cached statements", "cached descriptions", "described every time", "typed by Go", "simple protocol"}

func main() {
	list := &checks.List{Prefix: "pgx:"}
	for _, mode := range modeNames {
		list.Check("values of every type, "+mode, func() { everyType(modes[mode]) })
		list.Check("rows of a project table with parameters, "+mode, func() { projectTable(modes[mode]) })
	}
	list.Check("values of every type as text and in binary", formats)
	list.Check("NULL of every type", nulls)
	list.Check("enums and their arrays after LoadType", enums)
	list.Check("rows are collected into structs and maps", structs)
	list.Check("the statement cache follows a changed table", changedTable)
	list.Check("prepared statements executed many times", prepared)
	list.Check("transactions and nested transactions", transactions)
	list.Check("isolation levels and read-only transactions", isolation)
	list.Check("SQL cursors", cursors)
	list.Check("CopyFrom in binary", copyFrom)
	list.Check("COPY in and out as text", copyText)
	list.Check("batches", batches)
	list.Check("a batch with an error does nothing", failedBatch)
	list.Check("pipelines of pgconn", pipelines)
	list.Check("several statements in one string", severalStatements)
	list.Check("errors carry SQLSTATE, position and constraint", errorFields)
	list.Check("a context's end cancels the statement", contextCancel)
	list.Check("a cancel request over TLS", cancelRequest)
	list.Check("statement_timeout", statementTimeout)
	list.Check("LISTEN and NOTIFY", notifications)
	list.Check("the schema as generators read it", introspection)
	list.Check("a pool of connections", pool)
	list.Check("wrong passwords are refused", wrongPassword)
	list.End()
}

func connect(options ...string) *pgx.Conn {
	text := ""
	for _, option := range options {
		text += " " + option
	}
	return checks.Value(pgx.Connect(ctx, checks.ConnectionString(text)))
}

func connectMode(mode pgx.QueryExecMode) *pgx.Conn {
	config := checks.Value(pgx.ParseConfig(checks.ConnectionString("")))
	config.DefaultQueryExecMode = mode
	return checks.Value(pgx.ConnectConfig(ctx, config))
}

func exec(db *pgx.Conn, statements ...string) {
	for _, statement := range statements {
		if _, err := db.Exec(ctx, statement); err != nil {
			checks.Fail("%s: %v", statement, err)
		}
	}
}

// value is the first value of the first row.
func value[T any](db *pgx.Conn, query string, parameters ...any) T {
	var result T
	if err := db.QueryRow(ctx, query, parameters...).Scan(&result); err != nil {
		checks.Fail("%s: %v", query, err)
	}
	return result
}

func raises(sqlState string, err error) *pgconn.PgError {
	var known *pgconn.PgError
	if !errors.As(err, &known) {
		checks.Fail("%v, expected %s", err, sqlState)
	}
	if known.Code != sqlState {
		checks.Fail("%s: %s, expected %s", known.Code, known.Message, sqlState)
	}
	return known
}
