// customer360 answers one question: who is this customer, and what is going on
// with them? See README.md.
package main

import (
	"embed"
	"io/fs"
	"os"

	"customer360/internal/command"
)

//go:embed testdata/demo
var testdata embed.FS

//go:embed schema.graphqls
var schema string

func main() {
	demo, err := fs.Sub(testdata, "testdata/demo")
	if err != nil {
		panic(err) // the path above is the embedded one
	}
	os.Exit(command.Run(os.Args[1:], demo, schema))
}
