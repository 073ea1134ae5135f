module eider.test/percli

go 1.26.5

require github.com/perses/perses v0.54.0
