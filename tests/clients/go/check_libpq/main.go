// Command check_libpq checks lib/pq under database/sql, with text and binary parameters.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"clients/checks"

	"github.com/lib/pq"
)

var ctx = context.Background()

func main() {
	list := &checks.List{Prefix: "lib/pq:"}
	for _, options := range []string{"", "binary_parameters=yes"} {
		list.Check("values of every type "+options, func() { everyType(options) })
		list.Check("prepared statements executed many times "+options, func() { prepared(options) })
		list.Check("arrays "+options, func() { arrays(options) })
	}
	list.Check("types of columns", columnTypes)
	list.Check("transactions and savepoints", transactions)
	list.Check("isolation levels and read-only transactions", isolation)
	list.Check("CopyIn", copyIn)
	list.Check("several result sets of one string", severalResults)
	list.Check("RETURNING and affected rows", returning)
	list.Check("errors carry SQLSTATE, position and constraint", errorFields)
	list.Check("a context's end cancels the statement", contextCancel)
	list.Check("statement_timeout", statementTimeout)
	list.Check("a listener hears and pings", listener)
	list.Check("the schema as migration tools read it", introspection)
	list.End()
}

func open(options string) *sql.DB {
	db := checks.Value(sql.Open("postgres", checks.ConnectionString(options)))
	checks.Must(db.Ping())
	return db
}

func exec(db interface {
	Exec(string, ...any) (sql.Result, error)
}, statements ...string) {
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			checks.Fail("%s: %v", statement, err)
		}
	}
}

func raises(sqlState string, err error) *pq.Error {
	var known *pq.Error
	if !errors.As(err, &known) {
		checks.Fail("%v, expected %s", err, sqlState)
	}
	if string(known.Code) != sqlState {
		checks.Fail("%s: %s, expected %s", known.Code, known.Message, sqlState)
	}
	return known
}

func value[T any](db interface {
	QueryRow(string, ...any) *sql.Row
}, query string, parameters ...any) T {
	var result T
	if err := db.QueryRow(query, parameters...).Scan(&result); err != nil {
		checks.Fail("%s: %v", query, err)
	}
	return result
}

func everyType(options string) {
	db := open(options)
	defer db.Close()
	for _, one := range []struct {
		sqlType        string
		send, expected any
	}{
		{"bool", true, true}, {"int2", -7, int64(-7)}, {"int4", math.MinInt32, int64(math.MinInt32)}, {"int8", int64(math.MaxInt64), int64(math.MaxInt64)},
		{"float8", 0.1, 0.1}, {"float8", math.Inf(1), math.Inf(1)}, {"numeric(12,2)", "-1234567.80", []byte("-1234567.80")}, {"text", "žluť 'kůň' \\", "žluť 'kůň' \\"},
		{"bytea", []byte{0, 255, 39, 92}, []byte{0, 255, 39, 92}}, {"date", "2024-02-29", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"timestamp", time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC), time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC)},
		{"timestamptz", time.Date(2024, 6, 2, 3, 4, 5, 0, time.UTC), time.Date(2024, 6, 2, 3, 4, 5, 0, time.UTC)},
		{"uuid", "00000000-0000-0000-0000-000000000005", []byte("00000000-0000-0000-0000-000000000005")}, {"json", `{"a": 1}`, []byte(`{"a": 1}`)}, {"interval", "1 day 02:03:04", []byte("1 day 02:03:04")},
		{"int8", nil, nil}, {"text", nil, nil}, {"bytea", nil, nil}, {"timestamptz", nil, nil},
	} {
		for range 3 {
			var actual any
			if err := db.QueryRow("SELECT $1::"+one.sqlType, one.send).Scan(&actual); err != nil {
				checks.Fail("%s: %v", one.sqlType, err)
			}
			if moment, isTime := one.expected.(time.Time); isTime {
				if got, ok := actual.(time.Time); ok && got.Equal(moment) {
					continue
				}
			}
			if !reflect.DeepEqual(actual, one.expected) {
				checks.Fail("%s: %#v, expected %#v", one.sqlType, actual, one.expected)
			}
		}
	}
}

func prepared(options string) {
	db := open(options)
	defer db.Close()
	statement := checks.Value(db.Prepare("SELECT name, $1::int4 + 1 FROM in_c_sales.customers WHERE id = $2"))
	defer statement.Close()
	for n := range 100 {
		var name string
		var sum int
		checks.Must(statement.QueryRow(n, 1+n%4).Scan(&name, &sum))
		checks.Equal(sum, n+1)
		checks.Equal(name, []string{"Ada", "Božena", "Čeněk", "Dvořák, Jan"}[n%4])
	}
	rows := checks.Value(db.Query("SELECT id FROM in_c_sales.orders WHERE amount > $1 ORDER BY id", 20.0))
	defer rows.Close()
	count := 0
	for ; rows.Next(); count++ {
		var id int64
		checks.Must(rows.Scan(&id))
		checks.Equal(id, int64(81+count))
	}
	checks.Equal(count, 20)
}

func arrays(options string) {
	db := open(options)
	defer db.Close()
	var numbers pq.Int64Array
	checks.Must(db.QueryRow("SELECT $1::int8[]", pq.Array([]int64{1, 2})).Scan(&numbers))
	checks.Equal([]int64(numbers), []int64{1, 2})
	var texts pq.StringArray
	checks.Must(db.QueryRow("SELECT $1::text[]", pq.Array([]string{"a", "b c", "q\"'\\", "NULL", ""})).Scan(&texts))
	checks.Equal([]string(texts), []string{"a", "b c", "q\"'\\", "NULL", ""})
	checks.Equal(value[int](db, "SELECT count(*) FROM in_c_sales.customers WHERE id = ANY($1)", pq.Array([]int64{1, 2, 99})), 2)
	var blobs pq.ByteaArray
	checks.Must(db.QueryRow("SELECT ARRAY['\\x00ff'::bytea, '\\x27'::bytea]").Scan(&blobs))
	checks.Equal([][]byte(blobs), [][]byte{{0, 255}, {39}})
}

func columnTypes() {
	db := open("")
	defer db.Close()
	rows := checks.Value(db.Query("SELECT 1::int4 AS a, 'x'::text AS b, 1.5::numeric(12,2) AS c, now() AS d, ARRAY[1] AS e, amount FROM in_c_sales.orders LIMIT 1"))
	defer rows.Close()
	var names []string
	for _, column := range checks.Value(rows.ColumnTypes()) {
		precision, scale, _ := column.DecimalSize()
		names = append(names, fmt.Sprintf("%s %s %d %d", column.Name(), column.DatabaseTypeName(), precision%1000, scale%1000))
	}
	checks.Equal(names, []string{"a INT4 0 0", "b TEXT 0 0", "c NUMERIC 12 2", "d TIMESTAMPTZ 0 0", "e _INT4 0 0", "amount FLOAT8 0 0"})
}

func transactions() {
	db := open("")
	defer db.Close()
	exec(db, "CREATE TABLE qtx (a int)")
	defer exec(db, "DROP TABLE qtx")
	tx := checks.Value(db.Begin())
	exec(tx, "INSERT INTO qtx VALUES (1)")
	checks.Must(tx.Rollback())
	checks.Equal(value[int](db, "SELECT count(*) FROM qtx"), 0)
	tx = checks.Value(db.Begin())
	exec(tx, "SAVEPOINT one")
	_, err := tx.Exec("SELECT * FROM nope")
	raises("42P01", err)
	_, err = tx.Exec("SELECT 1")
	raises("25P02", err)
	exec(tx, "ROLLBACK TO SAVEPOINT one", "RELEASE SAVEPOINT one", "INSERT INTO qtx VALUES (2)")
	checks.Must(tx.Commit())
	checks.Equal(value[int](db, "SELECT a FROM qtx"), 2)
	tx = checks.Value(db.Begin())
	_, err = tx.Exec("SELECT * FROM nope")
	raises("42P01", err)
	if err = tx.Commit(); err == nil {
		checks.Fail("a failed transaction was committed")
	}
}

func isolation() {
	db := open("")
	defer db.Close()
	tx := checks.Value(db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}))
	checks.Equal(value[string](tx, "SHOW transaction_isolation"), "repeatable read")
	checks.Equal(value[string](tx, "SHOW transaction_read_only"), "on")
	_, err := tx.Exec("CREATE TABLE qro (a int)")
	raises("25006", err)
	checks.Must(tx.Rollback())
}

func copyIn() {
	db := open("")
	defer db.Close()
	exec(db, "CREATE TABLE qcopy (a int, b text, c timestamp, d bytea)")
	defer exec(db, "DROP TABLE qcopy")
	tx := checks.Value(db.Begin())
	statement := checks.Value(tx.Prepare(pq.CopyIn("qcopy", "a", "b", "c", "d")))
	for n := range 3000 {
		checks.Value(statement.Exec(n, fmt.Sprintf("tab\t and \\ %d", n), time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), []byte{0, 255}))
	}
	checks.Value(statement.Exec(-1, nil, nil, nil))
	checks.Value(statement.Exec())
	checks.Must(statement.Close())
	checks.Must(tx.Commit())
	checks.Equal(value[int](db, "SELECT count(*) FROM qcopy WHERE b = E'tab\\t and \\\\ ' || a AND c = '2024-01-02 03:04:05' AND d = '\\x00ff'"), 3000)
	checks.Equal(value[int](db, "SELECT count(*) FROM qcopy WHERE b IS NULL AND c IS NULL AND d IS NULL"), 1)
	tx = checks.Value(db.Begin())
	statement = checks.Value(tx.Prepare(pq.CopyInSchema("public", "qcopy", "a")))
	checks.Value(statement.Exec("no number"))
	_, err := statement.Exec()
	raises("22P02", err)
	statement.Close()
	checks.Must(tx.Rollback())
	checks.Equal(value[int](db, "SELECT count(*) FROM qcopy"), 3001)
}

func severalResults() {
	db := open("")
	defer db.Close()
	rows := checks.Value(db.Query("SELECT 1; SELECT 'two', 3"))
	defer rows.Close()
	var one, three int
	var two string
	checks.Equal(rows.Next(), true)
	checks.Must(rows.Scan(&one))
	checks.Equal(rows.Next(), false)
	checks.Equal(rows.NextResultSet(), true)
	checks.Equal(rows.Next(), true)
	checks.Must(rows.Scan(&two, &three))
	checks.Equal([]any{one, two, three}, []any{1, "two", 3})
}

func returning() {
	db := open("")
	defer db.Close()
	exec(db, "CREATE TABLE qret (id serial PRIMARY KEY, v text)")
	defer exec(db, "DROP TABLE qret")
	for n := range 3 {
		checks.Equal(value[int](db, "INSERT INTO qret (v) VALUES ($1) RETURNING id", "x"), n+1)
	}
	checks.Equal(checks.Value(checks.Value(db.Exec("UPDATE qret SET v = $1 WHERE id > $2", "y", 1)).RowsAffected()), int64(2))
	checks.Equal(value[int](db, "SELECT count(*) FROM qret"), 3)
}

func errorFields() {
	db := open("")
	defer db.Close()
	exec(db, "CREATE TABLE qerr (id int PRIMARY KEY, v text NOT NULL)", "INSERT INTO qerr VALUES (1, 'x')")
	defer exec(db, "DROP TABLE qerr")
	for _, one := range []struct{ state, statement, position string }{
		{"42703", "SELECT nope FROM qerr", "8"}, {"42P01", "SELECT * FROM nope", "15"}, {"42601", "SELEC 1", "1"}, {"23505", "INSERT INTO qerr VALUES (1, 'y')", ""},
		{"23502", "INSERT INTO qerr VALUES (2, NULL)", ""}, {"25006", "DELETE FROM in_c_sales.orders", ""}, {"22P02", "INSERT INTO qerr VALUES ('x', 'y')", "26"},
	} {
		_, err := db.Exec(one.statement)
		known := raises(one.state, err)
		if known.Position != one.position {
			checks.Fail("%s: position %s, expected %s", one.statement, known.Position, one.position)
		}
	}
	_, err := db.Exec("INSERT INTO qerr VALUES (1, 'y')")
	known := raises("23505", err)
	checks.Equal([]string{known.Constraint, known.Table, known.Code.Name()}, []string{"qerr_pkey", "qerr", "unique_violation"})
}

func contextCancel() {
	db := open("")
	defer db.Close()
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	_, err := db.ExecContext(short, checks.Endless)
	if !errors.Is(err, context.DeadlineExceeded) {
		raises("57014", err)
	}
	checks.Equal(value[int](db, "SELECT 1"), 1)
}

func statementTimeout() {
	db := open("statement_timeout=200")
	defer db.Close()
	_, err := db.Exec(checks.Endless)
	raises("57014", err)
}

func listener() {
	db := open("")
	defer db.Close()
	events := make(chan error, 10)
	ears := pq.NewListener(checks.ConnectionString(""), time.Second, time.Minute, func(_ pq.ListenerEventType, err error) { events <- err })
	defer ears.Close()
	checks.Must(ears.Listen("qchannel"))
	checks.Must(ears.Ping())
	exec(db, "NOTIFY qchannel, 'hello'")
	select {
	case heard := <-ears.Notify:
		checks.Equal([]string{heard.Channel, heard.Extra}, []string{"qchannel", "hello"})
	case <-time.After(20 * time.Second):
		checks.Fail("no notification")
	}
	checks.Must(ears.UnlistenAll())
}

// introspection asks what golang-migrate and goose ask.
func introspection() {
	db := open("")
	defer db.Close()
	checks.Equal(value[string](db, "SELECT CURRENT_SCHEMA()"), "public")
	exec(db, `CREATE TABLE IF NOT EXISTS "public"."schema_migrations" (version bigint not null primary key, dirty boolean not null)`)
	defer exec(db, "DROP TABLE schema_migrations")
	checks.Equal(value[int](db, "SELECT COUNT(1) FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2 LIMIT 1", "public", "schema_migrations"), 1)
	exec(db, `TRUNCATE "public"."schema_migrations"`, `INSERT INTO "public"."schema_migrations" (version, dirty) VALUES (1, true)`)
	checks.Equal(value[bool](db, `SELECT dirty FROM "public"."schema_migrations" LIMIT 1`), true)
	checks.Equal(value[bool](db, "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE (current_schema() IS NULL OR schemaname = current_schema()) AND tablename = 'schema_migrations')"), true)
	rows := checks.Value(db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'in_c_sales' AND table_type = 'BASE TABLE' ORDER BY 1"))
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		checks.Must(rows.Scan(&name))
		names = append(names, name)
	}
	checks.Equal(strings.Join(names, " "), "customers orders")
}
