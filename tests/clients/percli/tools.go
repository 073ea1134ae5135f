//go:build tools

// Package percli pins percli, Perses' own client, for tests/clients/percli_test.ts.
package percli

import _ "github.com/perses/perses/cmd/percli"
