// Package checks is what the check programs share: each check prints one line, `ok NAME` or `not ok NAME: REASON`.
package checks

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
)

// List runs checks and remembers whether one has failed.
type List struct {
	Prefix string
	failed bool
}

type failure struct {
	line int
	text string
}

// Check runs the body; it fails by Must, Equal or Fail.
func (list *List) Check(name string, body func()) {
	defer func() {
		problem := recover()
		if problem == nil {
			fmt.Printf("ok %s %s\n", list.Prefix, name)
			return
		}
		list.failed = true
		if known, isKnown := problem.(failure); isKnown {
			problem = fmt.Sprintf("line %d: %s", known.line, known.text)
		}
		text := strings.ReplaceAll(fmt.Sprint(problem), "\n", " ")
		fmt.Printf("not ok %s %s: %.500s\n", list.Prefix, name, text)
	}()
	body()
}

// End leaves the program with its verdict.
func (list *List) End() {
	if list.failed {
		os.Exit(1)
	}
}

// Fail ends the check. The line is that of the nearest caller outside this file.
func Fail(format string, values ...any) {
	line := 0
	for depth := 1; depth < 12; depth++ {
		_, file, at, known := runtime.Caller(depth)
		if known && !strings.HasSuffix(file, "checks.go") {
			line = at
			break
		}
	}
	panic(failure{line, fmt.Sprintf(format, values...)})
}

// Must ends the check at an error.
func Must(err error) {
	if err != nil {
		Fail("%v", err)
	}
}

// Value is the value of a call that must not fail.
func Value[T any](value T, err error) T {
	Must(err)
	return value
}

// Equal compares deeply, types too.
func Equal(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		Fail("%#v, expected %#v", actual, expected)
	}
}

// ConnectionString is the workspace in libpq's key and value form.
func ConnectionString(options string) string {
	var parts []string
	for _, name := range []string{"host", "port", "dbname", "user", "password"} {
		variable := map[string]string{"dbname": "PGDATABASE"}[name]
		if variable == "" {
			variable = "PG" + strings.ToUpper(name)
		}
		parts = append(parts, name+"="+os.Getenv(variable))
	}
	return strings.Join(append(parts, "sslmode=require", options), " ")
}

// Endless runs until it is cancelled.
const Endless = "SELECT count(*) FROM generate_series(1, 100000000000) g"
