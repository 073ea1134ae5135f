package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"clients/checks"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

func changedTable() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TEMP TABLE gchange (a int)", "INSERT INTO gchange VALUES (1)")
	for range 2 {
		checks.Equal(value[int32](db, "SELECT * FROM gchange"), int32(1))
	}
	exec(db, "ALTER TABLE gchange ADD COLUMN b text")
	// The cached statement is refused once and thrown away; the next use describes the table anew.
	var a int32
	var b *string
	if err := db.QueryRow(ctx, "SELECT * FROM gchange").Scan(&a, &b); err != nil {
		raises("0A000", err)
		checks.Must(db.QueryRow(ctx, "SELECT * FROM gchange").Scan(&a, &b))
	}
	checks.Equal(b, (*string)(nil))
}

func prepared() {
	db := connect()
	defer db.Close(ctx)
	described := checks.Value(db.Prepare(ctx, "gsum", "SELECT $1::int4 + $2::int4, upper($3)"))
	checks.Equal(described.ParamOIDs, []uint32{23, 23, 25})
	for n := range 200 {
		var sum int32
		var upper string
		checks.Must(db.QueryRow(ctx, "gsum", n, 1, "a").Scan(&sum, &upper))
		checks.Equal(sum, int32(n+1))
		checks.Equal(upper, "A")
	}
	checks.Equal(value[int64](db, "SELECT count(*) FROM pg_prepared_statements WHERE name = 'gsum'"), int64(1))
	checks.Must(db.Deallocate(ctx, "gsum"))
	checks.Must(db.DeallocateAll(ctx))
	// A statement cache that is full closes the oldest statement.
	small := connect("statement_cache_capacity=3")
	defer small.Close(ctx)
	for n := range 12 {
		checks.Equal(value[int32](small, fmt.Sprintf("SELECT $1::int4 + %d", n), 1), int32(n+1))
	}
	checks.Equal(value[int64](small, "SELECT count(*) FROM pg_prepared_statements") <= 4, true)
}

func transactions() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TEMP TABLE gtx (a int)")
	failure := errors.New("mine")
	checks.Equal(pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		checks.Value(tx.Exec(ctx, "INSERT INTO gtx VALUES (1)"))
		return failure
	}), failure)
	checks.Equal(value[int64](db, "SELECT count(*) FROM gtx"), int64(0))
	checks.Must(pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		checks.Equal(pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "SELECT * FROM nope")
			raises("42P01", err)
			return failure
		}), failure)
		return pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "INSERT INTO gtx VALUES (2)")
			return err
		})
	}))
	checks.Equal(value[int32](db, "SELECT a FROM gtx"), int32(2))
	tx := checks.Value(db.Begin(ctx))
	_, err := tx.Exec(ctx, "SELECT * FROM nope")
	raises("42P01", err)
	_, err = tx.Exec(ctx, "SELECT 1")
	raises("25P02", err)
	checks.Equal(tx.Commit(ctx), pgx.ErrTxCommitRollback)
}

func isolation() {
	db := connect()
	defer db.Close(ctx)
	tx := checks.Value(db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable, AccessMode: pgx.ReadOnly, DeferrableMode: pgx.Deferrable}))
	var level string
	checks.Must(tx.QueryRow(ctx, "SHOW transaction_isolation").Scan(&level))
	checks.Equal(level, "serializable")
	_, err := tx.Exec(ctx, "CREATE TABLE gro (a int)")
	raises("25006", err)
	checks.Must(tx.Rollback(ctx))
	checks.Equal(value[string](db, "SHOW transaction_isolation"), "read committed")
}

func cursors() {
	db := connect()
	defer db.Close(ctx)
	tx := checks.Value(db.Begin(ctx))
	checks.Value(tx.Exec(ctx, "DECLARE gcursor CURSOR FOR SELECT id FROM in_c_sales.orders ORDER BY id"))
	checks.Value(tx.Exec(ctx, "MOVE FORWARD 10 FROM gcursor"))
	ids := checks.Value(pgx.CollectRows(checks.Value(tx.Query(ctx, "FETCH 5 FROM gcursor")), pgx.RowTo[int64]))
	checks.Equal(ids, []int64{11, 12, 13, 14, 15})
	rest := checks.Value(pgx.CollectRows(checks.Value(tx.Query(ctx, "FETCH ALL FROM gcursor")), pgx.RowTo[int64]))
	checks.Equal(len(rest), 85)
	checks.Value(tx.Exec(ctx, "CLOSE gcursor"))
	checks.Must(tx.Commit(ctx))
}

func copyFrom() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TABLE IF NOT EXISTS gcopy (a int8, b text, c numeric(10,2), d timestamp, e bool, f float8, g bytea, h date, i uuid, j int4[], k timestamptz, l int2)", "TRUNCATE gcopy")
	defer exec(db, "DROP TABLE gcopy")
	columns := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	moment := time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC)
	count := checks.Value(db.CopyFrom(ctx, pgx.Identifier{"gcopy"}, columns, pgx.CopyFromSlice(5000, func(n int) ([]any, error) {
		if n%10 == 9 {
			return []any{int64(n), nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil}, nil
		}
		return []any{int64(n), fmt.Sprintf("žluť %d", n), numeric("12.50"), moment, n%2 == 0, 1.5, []byte{0, 255}, moment, [16]byte{15: 5}, []int32{1, 2}, moment, int16(7)}, nil
	})))
	checks.Equal(count, int64(5000))
	checks.Equal(value[int64](db, "SELECT count(*) FROM gcopy WHERE b = 'žluť ' || a AND c = 12.5 AND d = TIMESTAMP '2024-01-02 03:04:05.000006' AND f = 1.5 AND h = DATE '2024-01-02' AND j = ARRAY[1, 2] AND l = 7"), int64(4500))
	checks.Equal(value[int64](db, "SELECT count(*) FROM gcopy WHERE b IS NULL AND i IS NULL AND k IS NULL"), int64(500))
	_, err := db.CopyFrom(ctx, pgx.Identifier{"gcopy"}, []string{"a"}, pgx.CopyFromSlice(3, func(n int) ([]any, error) {
		if n == 2 {
			return nil, errors.New("source is broken")
		}
		return []any{int64(100000 + n)}, nil
	}))
	raises("57014", err)
	checks.Equal(value[int64](db, "SELECT count(*) FROM gcopy"), int64(5000))
}

func copyText() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TEMP TABLE gtext (a int, b text)")
	tag := checks.Value(db.PgConn().CopyFrom(ctx, strings.NewReader("1,one\n2,\"two, \"\"2\"\"\"\n3,\n"), "COPY gtext FROM STDIN (FORMAT csv)"))
	checks.Equal(tag.String(), "COPY 3")
	var out bytes.Buffer
	tag = checks.Value(db.PgConn().CopyTo(ctx, &out, "COPY (SELECT a, b FROM gtext ORDER BY a) TO STDOUT"))
	checks.Equal(tag.RowsAffected(), int64(3))
	checks.Equal(out.String(), "1\tone\n2\ttwo, \"2\"\n3\t\\N\n")
	out.Reset()
	checks.Value(db.PgConn().CopyTo(ctx, &out, "COPY (SELECT id, name FROM in_c_sales.customers WHERE id = 1) TO STDOUT (FORMAT binary)"))
	checks.Equal(out.Bytes(), append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 'A', 'd', 'a', 255, 255))
	_, err := db.PgConn().CopyFrom(ctx, strings.NewReader("1\tx\ntwo\tx\n"), "COPY gtext FROM STDIN")
	known := raises("22P02", err)
	checks.Equal(known.Where, "COPY gtext, line 2, column a: \"two\"")
	checks.Equal(value[int64](db, "SELECT count(*) FROM gtext"), int64(3))
}

func batches() {
	for _, mode := range modeNames {
		db := connectMode(modes[mode])
		exec(db, "CREATE TEMP TABLE gbatch (a int PRIMARY KEY, b text)")
		batch := &pgx.Batch{}
		for n := range 50 {
			batch.Queue("INSERT INTO gbatch VALUES ($1, $2)", n, fmt.Sprint("v", n))
		}
		var sum, one int64
		batch.Queue("SELECT sum(a)::int8 FROM gbatch").QueryRow(func(row pgx.Row) error { return row.Scan(&sum) })
		batch.Queue("SELECT $1::int8", 7).QueryRow(func(row pgx.Row) error { return row.Scan(&one) })
		if err := db.SendBatch(ctx, batch).Close(); err != nil {
			checks.Fail("%s: %v", mode, err)
		}
		checks.Equal([]int64{sum, one}, []int64{1225, 7})
		checks.Must(db.Close(ctx))
	}
}

func failedBatch() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TEMP TABLE gfail (a int PRIMARY KEY)")
	batch := &pgx.Batch{}
	batch.Queue("INSERT INTO gfail VALUES (1)")
	batch.Queue("INSERT INTO gfail VALUES (1)")
	batch.Queue("INSERT INTO gfail VALUES (2)")
	raises("23505", db.SendBatch(ctx, batch).Close())
	checks.Equal(value[int64](db, "SELECT count(*) FROM gfail"), int64(0))
}

func pipelines() {
	db := connect()
	defer db.Close(ctx)
	pipeline := db.PgConn().StartPipeline(ctx)
	for n := range 20 {
		pipeline.SendQueryParams("SELECT $1::int4 * 2", [][]byte{[]byte(fmt.Sprint(n))}, nil, nil, nil)
	}
	checks.Must(pipeline.Sync())
	pipeline.SendQueryParams("SELECT * FROM nope", nil, nil, nil, nil)
	checks.Must(pipeline.Sync())
	pipeline.SendQueryParams("SELECT 'last'", nil, nil, nil, nil)
	checks.Must(pipeline.Sync())
	var answers []string
	for range 40 {
		result, err := pipeline.GetResults()
		if err != nil {
			answers = append(answers, raises("42P01", err).Code)
			continue
		}
		reader, isReader := result.(*pgconn.ResultReader)
		if !isReader {
			if result == nil {
				break
			}
			continue
		}
		for _, row := range reader.Read().Rows {
			answers = append(answers, string(row[0]))
		}
	}
	checks.Must(pipeline.Close())
	checks.Equal(strings.Join(answers, " "), "0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 34 36 38 42P01 last")
}

func severalStatements() {
	db := connect()
	defer db.Close(ctx)
	results := checks.Value(db.PgConn().Exec(ctx, "CREATE TEMP TABLE gmany (a int); INSERT INTO gmany VALUES (1), (2); SELECT a FROM gmany ORDER BY a; SELECT 'x'").ReadAll())
	var tags []string
	for _, result := range results {
		tags = append(tags, fmt.Sprintf("%s/%d", result.CommandTag, len(result.Rows)))
	}
	checks.Equal(tags, []string{"CREATE TABLE/0", "INSERT 0 2/0", "SELECT 2/2", "SELECT 1/1"})
}

func errorFields() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TABLE gerr (id int PRIMARY KEY, v text NOT NULL, n int CHECK (n > 0))", "INSERT INTO gerr VALUES (1, 'x', 1)")
	defer exec(db, "DROP TABLE gerr")
	for _, one := range []struct {
		state, statement string
		position         int32
	}{
		{"42703", "SELECT nope FROM gerr", 8}, {"42P01", "SELECT * FROM nope", 15}, {"42601", "SELEC 1", 1}, {"22012", "SELECT 1 / (id - 1) FROM gerr", 0},
		{"23505", "INSERT INTO gerr VALUES (1, 'y', 1)", 0}, {"23502", "INSERT INTO gerr VALUES (2, NULL, 1)", 0}, {"23514", "INSERT INTO gerr VALUES (2, 'y', -1)", 0},
		{"25006", "DELETE FROM in_c_sales.orders", 0},
	} {
		_, err := db.Exec(ctx, one.statement)
		known := raises(one.state, err)
		checks.Equal(known.Severity, "ERROR")
		if known.Position != one.position {
			checks.Fail("%s: position %d, expected %d", one.statement, known.Position, one.position)
		}
	}
	_, err := db.Exec(ctx, "INSERT INTO gerr VALUES (1, 'y', 1)")
	known := raises("23505", err)
	checks.Equal([]string{known.ConstraintName, known.TableName, known.SchemaName}, []string{"gerr_pkey", "gerr", "public"})
	_, err = db.Exec(ctx, "SELECT $1::int4", "text that is no number")
	if err == nil {
		checks.Fail("no error for a parameter of a wrong type")
	}
	checks.Equal(value[int32](db, "SELECT 1"), int32(1))
}

func contextCancel() {
	db := connect()
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	_, err := db.Exec(short, checks.Endless)
	checks.Equal(errors.Is(err, context.DeadlineExceeded), true)
	checks.Equal(db.IsClosed(), true)
}

func cancelRequest() {
	db := connect()
	defer db.Close(ctx)
	done := make(chan error, 1)
	time.AfterFunc(300*time.Millisecond, func() { done <- db.PgConn().CancelRequest(ctx) })
	_, err := db.Exec(ctx, checks.Endless)
	raises("57014", err)
	checks.Must(<-done)
	checks.Equal(value[int32](db, "SELECT 1"), int32(1))
}

func statementTimeout() {
	db := connect("statement_timeout=200")
	defer db.Close(ctx)
	checks.Equal(value[string](db, "SHOW statement_timeout"), "200ms")
	_, err := db.Exec(ctx, checks.Endless)
	raises("57014", err)
}

func notifications() {
	listener, sender := connect(), connect()
	defer listener.Close(ctx)
	defer sender.Close(ctx)
	exec(listener, "LISTEN gchannel")
	checks.Value(sender.Exec(ctx, "SELECT pg_notify('gchannel', $1)", "hello"))
	patience, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	heard := checks.Value(listener.WaitForNotification(patience))
	checks.Equal([]any{heard.Channel, heard.Payload, heard.PID}, []any{"gchannel", "hello", sender.PgConn().PID()})
}

// introspection asks what sqlc, gorm and ent ask.
func introspection() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "CREATE TABLE gowner (id serial PRIMARY KEY, name text NOT NULL UNIQUE)", "CREATE TABLE gthing (id int, owner_id int REFERENCES gowner (id), price numeric(12,2) DEFAULT 0)",
		"CREATE INDEX gthing_owner ON gthing (owner_id)")
	defer exec(db, "DROP TABLE gthing", "DROP TABLE gowner")
	checks.Equal(value[int64](db, "SELECT count(*) FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND table_type = $2", "gthing", "BASE TABLE"), int64(1))
	checks.Equal(value[int64](db, "SELECT count(*) FROM INFORMATION_SCHEMA.columns WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND column_name = $2", "gthing", "price"), int64(1))
	checks.Equal(value[int64](db, "SELECT count(*) FROM pg_indexes WHERE tablename = $1 AND indexname = $2 AND schemaname = CURRENT_SCHEMA()", "gthing", "gthing_owner"), int64(1))
	checks.Equal(value[int64](db, "SELECT count(*) FROM INFORMATION_SCHEMA.table_constraints WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND constraint_name = $2", "gthing", "gthing_owner_id_fkey"), int64(1))
	checks.Equal(value[string](db, "SELECT CURRENT_DATABASE()"), os.Getenv("PGDATABASE"))
	columns := checks.Value(pgx.CollectRows(checks.Value(db.Query(ctx, `SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull FROM pg_attribute a
		JOIN pg_class b ON a.attrelid = b.oid AND b.relname = $1 AND b.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $2) WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
		"gthing", "public")), pgx.RowTo[string]))
	checks.Equal(columns, []string{"id integer false", "owner_id integer false", "price numeric(12,2) false"})
	keys := checks.Value(pgx.CollectRows(checks.Value(db.Query(ctx, `SELECT c.column_name || ' ' || tc.constraint_type FROM information_schema.table_constraints tc
		JOIN information_schema.constraint_column_usage AS ccu USING (constraint_schema, constraint_catalog, table_name, constraint_name)
		JOIN information_schema.columns AS c ON c.table_schema = tc.constraint_schema AND tc.table_name = c.table_name AND ccu.column_name = c.column_name
		WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND c.table_catalog = $1 AND c.table_schema = $2 AND c.table_name = $3 ORDER BY 1`, os.Getenv("PGDATABASE"), "public", "gowner")), pgx.RowTo[string]))
	checks.Equal(keys, []string{"id PRIMARY KEY", "name UNIQUE"})
	oid := value[uint32](db, "SELECT 'in_c_sales.orders'::regclass::oid")
	checks.Equal(value[string](db, "SELECT relname FROM pg_class WHERE oid = $1", oid), "orders")
}

func pool() {
	config := checks.Value(pgxpool.ParseConfig(checks.ConnectionString("pool_max_conns=4 application_name=pool")))
	workers := checks.Value(pgxpool.NewWithConfig(ctx, config))
	defer workers.Close()
	checks.Must(workers.Ping(ctx))
	var wait sync.WaitGroup
	failures := make(chan error, 40)
	for n := range 40 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			var answer int
			if err := workers.QueryRow(ctx, "SELECT $1::int4 + 1", n).Scan(&answer); err != nil || answer != n+1 {
				failures <- fmt.Errorf("%d: %w", answer, err)
			}
		}()
	}
	wait.Wait()
	close(failures)
	for err := range failures {
		checks.Must(err)
	}
	var name string
	checks.Must(workers.QueryRow(ctx, "SHOW application_name").Scan(&name))
	checks.Equal(name, "pool")
}

func wrongPassword() {
	config := checks.Value(pgx.ParseConfig(checks.ConnectionString("")))
	config.Password = "wrong"
	_, err := pgx.ConnectConfig(ctx, config)
	raises("28P01", err)
}
