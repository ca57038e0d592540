// Identitytest holds the identity engine against sets of records with the truth
// about who is who: `make identity` prints the figures of each, `make
// identity-million` how time and memory grow up to a million records. It runs
// the command as anybody would, and needs nothing of ours but that.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	million := flag.Bool("million", false, "make up sets of up to a million records, resolve and score them")
	people := flag.Int("people", 400_000, "with -million: people of the largest set; each has some 2.5 records")
	chart := flag.String("chart", "", "with -million: draw the figures into this SVG file")
	flag.Parse()
	if err := try(*million, *people, *chart); err != nil {
		fmt.Fprintln(os.Stderr, "identitytest:", err)
		os.Exit(1)
	}
}

func try(million bool, people int, chart string) (err error) {
	dir, err := os.MkdirTemp("", "identity")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary, err := build(".", dir)
	if err != nil {
		return err
	}
	if million {
		return folderAt(".").grow(binary, dir, people, chart)
	}
	return folderAt(".").table(binary, dir)
}
