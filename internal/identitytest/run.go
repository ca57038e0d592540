package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// A run is what one call of the command cost.
type run struct {
	took     time.Duration // on the clock
	cpu      time.Duration
	peak     int64 // bytes
	compared int
	said     string
}

// build builds the command.
func build(root, dir string) (string, error) {
	binary := filepath.Join(dir, "customer360")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	return binary, cmd.Run()
}

var comparedPairs = regexp.MustCompile(`(\d+) pairs compared`)

// resolve runs `customer360 identity resolve`.
func resolve(binary, records, mapping, out string, more ...string) (run, error) {
	var said bytes.Buffer
	cmd := exec.Command(binary, append([]string{"identity", "resolve", "-records", records, "-mapping", mapping, "-out", out}, more...)...)
	cmd.Stderr = &said
	begun := time.Now()
	err := cmd.Run()
	r := run{took: time.Since(begun), said: said.String()}
	if err != nil {
		return r, fmt.Errorf("%w: %s", err, r.said)
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peak = int64(u.Maxrss) << 10
	}
	if m := comparedPairs.FindStringSubmatch(r.said); m != nil {
		r.compared, err = strconv.Atoi(m[1])
	}
	return r, err
}
