package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// outputs are files that come to be when all of them are whole: until then
// they are written beside their places.
type outputs struct {
	standard io.Writer
	not      []string // files that are read
	files    []*output
}

type output struct {
	*bufio.Writer
	file *os.File // nil for the standard output
	path string   // its place; "" where it is written there already
}

// begin opens what is to be a file's content; "-" is the standard output.
func (o *outputs) begin(path string) (io.Writer, error) {
	out := &output{}
	if path == "-" {
		out.Writer = bufio.NewWriterSize(o.standard, 64<<10)
		o.files = append(o.files, out)
		return out, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if slices.ContainsFunc(o.files, func(f *output) bool { return f.path == path }) || same(path, o.not) {
		return nil, fmt.Errorf("%s is what is read, or written already", path)
	}
	where := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", path)
	} else if err != nil || info.Mode().IsRegular() {
		out.path, where = path, path+".tmp"
	}
	var err error
	if out.file, err = os.OpenFile(where, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			err = at.Err
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out.Writer = bufio.NewWriterSize(out.file, 64<<10)
	o.files = append(o.files, out)
	return out, nil
}

// same says that a path is one of some files.
func same(path string, files []string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(files, func(f string) bool {
		other, err := os.Stat(f)
		return err == nil && os.SameFile(info, other)
	})
}

// commit puts every file in its place, the first one last.
func (o *outputs) commit() error {
	for _, f := range o.files {
		err := f.Flush()
		if f.file != nil {
			err = errors.Join(err, f.file.Close())
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	for i := len(o.files) - 1; i >= 0; i-- {
		if f := o.files[i]; f.path != "" {
			if err := os.Rename(f.path+".tmp", f.path); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
	}
	o.files = nil
	return nil
}

// abandon removes what was not committed.
func (o *outputs) abandon() {
	for _, f := range o.files {
		if f.file != nil {
			_ = f.file.Close()
		}
		if f.path != "" {
			_ = os.Remove(f.path + ".tmp")
		}
	}
}
