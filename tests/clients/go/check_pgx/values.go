package main

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"clients/checks"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

type sample struct {
	sqlType string
	value   any
}

func numeric(text string) pgtype.Numeric {
	var number pgtype.Numeric
	checks.Must(number.Scan(text))
	return number
}

var samples = []sample{
	{"bool", true}, {"int2", int16(-7)}, {"int4", int32(math.MinInt32)}, {"int8", int64(math.MaxInt64)},
	{"float4", float32(1.5)}, {"float8", 0.1}, {"float8", math.Inf(-1)},
	{"numeric(12,2)", numeric("-1234567.80")}, {"numeric(30,10)", numeric("12345678901234567890.0123456789")},
	{"text", "žluťoučký 'kůň' \\ \" \t\n"}, {"text", ""}, {"bytea", []byte{0, 255, 39, 92}}, {"bytea", []byte{}},
	{"date", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}, {"date", time.Date(1582, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"time", pgtype.Time{Microseconds: 37_230_123_456, Valid: true}},
	{"timestamp", time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC)}, {"timestamptz", time.Date(2024, 6, 2, 3, 4, 5, 0, time.UTC)},
	{"interval", pgtype.Interval{Months: 14, Days: 3, Microseconds: 4_500_000, Valid: true}},
	{"uuid", pgtype.UUID{Bytes: [16]byte{15: 5}, Valid: true}}, {"json", `{"a": [1, "x", null]}`},
	{"int4[]", []int32{1, 2, 3}}, {"int8[]", []int64{}}, {"text[]", []string{"a", "b c", "q\"'\\", "NULL", ""}}, {"float8[]", []float64{0.5, -1}},
	{"bool[]", []bool{true, false}}, {"uuid[]", []pgtype.UUID{{Bytes: [16]byte{15: 7}, Valid: true}}},
	{"text[]", []pgtype.Text{{String: "a", Valid: true}, {}}}, {"date[]", []time.Time{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}},
}

// same compares times as instants and numerics as numbers; all else deeply.
func same(actual, expected any) bool {
	switch want := expected.(type) {
	case time.Time:
		got, isTime := actual.(time.Time)
		return isTime && got.Equal(want)
	case []time.Time:
		got, isList := actual.([]time.Time)
		return isList && len(got) == len(want) && got[0].Equal(want[0])
	case pgtype.Numeric:
		left, right := checks.Value(actual.(pgtype.Numeric).Value()), checks.Value(want.Value())
		return left == right
	}
	return reflect.DeepEqual(actual, expected)
}

// scan reads a column into a new variable of the sample's type.
func scanInto(samples []sample) []any {
	var targets []any
	for _, one := range samples {
		targets = append(targets, reflect.New(reflect.TypeOf(one.value)).Interface())
	}
	return targets
}

func compare(targets []any, samples []sample) {
	for index, one := range samples {
		actual := reflect.ValueOf(targets[index]).Elem().Interface()
		if !same(actual, one.value) {
			checks.Fail("%s: %#v, expected %#v", one.sqlType, actual, one.value)
		}
	}
}

func everyType(mode pgx.QueryExecMode) {
	db := connectMode(mode)
	defer db.Close(ctx)
	for _, one := range samples {
		for range 3 {
			target := scanInto([]sample{one})
			if err := db.QueryRow(ctx, "SELECT $1::"+one.sqlType, one.value).Scan(target...); err != nil {
				checks.Fail("%s %#v: %v", one.sqlType, one.value, err)
			}
			compare(target, []sample{one})
		}
	}
	var columns, marks []string
	var values []any
	for index, one := range samples {
		columns = append(columns, fmt.Sprintf("c%d %s", index, one.sqlType))
		marks = append(marks, fmt.Sprintf("$%d", index+1))
		values = append(values, one.value)
	}
	exec(db, "CREATE TEMP TABLE gvalues ("+strings.Join(columns, ", ")+")")
	for range 3 {
		checks.Value(db.Exec(ctx, "INSERT INTO gvalues VALUES ("+strings.Join(marks, ", ")+")", values...))
	}
	rows := checks.Value(db.Query(ctx, "SELECT * FROM gvalues"))
	defer rows.Close()
	count := 0
	for ; rows.Next(); count++ {
		targets := scanInto(samples)
		checks.Must(rows.Scan(targets...))
		compare(targets, samples)
	}
	checks.Must(rows.Err())
	checks.Equal(count, 3)
}

func projectTable(mode pgx.QueryExecMode) {
	db := connectMode(mode)
	defer db.Close(ctx)
	for n := range 8 {
		names := checks.Value(pgx.CollectRows(checks.Value(db.Query(ctx, "SELECT name FROM in_c_sales.customers WHERE id >= $1 AND city = ANY($2) ORDER BY id",
			n%2, []string{"Praha", "Brno"})), pgx.RowTo[string]))
		checks.Equal(names, []string{"Ada", "Božena", "Čeněk"})
		checks.Equal(value[int64](db, "SELECT count(*) FROM in_c_sales.orders WHERE amount <= $1 AND ordered_at < $2", 2.5, time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)), int64(10))
		checks.Equal(value[*string](db, "SELECT note FROM in_c_sales.orders WHERE id = $1", 3), (*string)(nil))
	}
}

func formats() {
	db := connect()
	defer db.Close(ctx)
	for _, format := range []int16{pgx.TextFormatCode, pgx.BinaryFormatCode} {
		for _, one := range samples {
			target := scanInto([]sample{one})
			if err := db.QueryRow(ctx, "SELECT $1::"+one.sqlType, pgx.QueryResultFormats{format}, one.value).Scan(target...); err != nil {
				checks.Fail("%s in format %d: %v", one.sqlType, format, err)
			}
			compare(target, []sample{one})
		}
	}
	var raw json.RawMessage
	checks.Must(db.QueryRow(ctx, `SELECT '{"a":1}'::json`).Scan(&raw))
	checks.Equal(string(raw), `{"a":1}`)
	checks.Equal(value[map[string]any](db, "SELECT $1::json", map[string]any{"a": []any{1.0, "x", nil}}), map[string]any{"a": []any{1.0, "x", nil}})
	grid := value[[][]int32](db, "SELECT ARRAY[[1, 2], [3, 4]]")
	checks.Equal(grid, [][]int32{{1, 2}, {3, 4}})
	checks.Equal(value[pgtype.Timestamp](db, "SELECT 'infinity'::timestamp"), pgtype.Timestamp{InfinityModifier: pgtype.Infinity, Valid: true})
	checks.Equal(value[pgtype.Date](db, "SELECT '0044-03-15 BC'::date").Time, time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC))
}

func nulls() {
	for _, mode := range modeNames {
		db := connectMode(modes[mode])
		for _, one := range samples {
			var isNull bool
			result := any(0)
			if err := db.QueryRow(ctx, "SELECT $1::"+one.sqlType+", $1::"+one.sqlType+" IS NULL", nil).Scan(&result, &isNull); err != nil {
				checks.Fail("%s, %s: %v", one.sqlType, mode, err)
			}
			checks.Equal(result, nil)
			checks.Equal(isNull, true)
		}
		checks.Must(db.Close(ctx))
	}
}

func enums() {
	db := connect()
	defer db.Close(ctx)
	exec(db, "DROP TYPE IF EXISTS gmood", "CREATE TYPE gmood AS ENUM ('sad', 'ok')")
	defer exec(db, "DROP TYPE gmood")
	for _, name := range []string{"gmood", "gmood[]"} {
		loaded := checks.Value(db.LoadType(ctx, name))
		db.TypeMap().RegisterType(loaded)
	}
	exec(db, "CREATE TEMP TABLE gmoods (m gmood, ms gmood[])")
	for range 3 {
		checks.Value(db.Exec(ctx, "INSERT INTO gmoods VALUES ($1, $2)", "ok", []string{"sad", "ok"}))
	}
	checks.Equal(value[string](db, "SELECT m FROM gmoods LIMIT 1"), "ok")
	checks.Equal(value[[]string](db, "SELECT ms FROM gmoods LIMIT 1"), []string{"sad", "ok"})
	_, err := db.Exec(ctx, "INSERT INTO gmoods (m) VALUES ($1)", "nope")
	raises("22P02", err)
	exec(db, "DROP TABLE gmoods")
}

func structs() {
	db := connect()
	defer db.Close(ctx)
	type customer struct {
		ID   int64
		Name string
		City *string
	}
	first := checks.Value(pgx.CollectOneRow(checks.Value(db.Query(ctx, "SELECT id, name, city FROM in_c_sales.customers WHERE id = 1")), pgx.RowToStructByName[customer]))
	checks.Equal(first.Name, "Ada")
	rows := checks.Value(pgx.CollectRows(checks.Value(db.Query(ctx, "SELECT 1::int4 AS a, 'x'::text AS b, NULL::int8 AS c, 1.5::float8 AS d")), pgx.RowToMap))
	checks.Equal(rows, []map[string]any{{"a": int32(1), "b": "x", "c": nil, "d": 1.5}})
	described := checks.Value(db.Query(ctx, "SELECT id, amount, ordered_at AS moment FROM in_c_sales.orders LIMIT 0"))
	described.Close()
	var names []string
	for _, field := range described.FieldDescriptions() {
		names = append(names, fmt.Sprintf("%s %d %d", field.Name, field.DataTypeOID, field.DataTypeSize))
	}
	checks.Equal(names, []string{"id 20 8", "amount 701 8", "moment 1114 8"})
}
