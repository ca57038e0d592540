// Package keys holds what must not be known: secrets of the configuration and
// the deployment's own keys, with everything that is done under them: hashing
// identifiers, sealing ids, encrypting features.
package keys

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// A Secret comes from the environment or a file, never from the configuration
// itself: `{env: NAME}` or `{file: PATH}`. It prints as ***.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// Reveal reads the secret; trailing newlines of a file are dropped.
func (s Secret) Reveal() (string, error) {
	switch {
	case s.Env != "" && s.File != "":
		return "", errors.New("a secret has env or file, not both")
	case s.Env != "":
		if v := os.Getenv(s.Env); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("the environment variable %s is not set", s.Env)
	case s.File != "":
		b, err := os.ReadFile(s.File)
		if err != nil {
			return "", fmt.Errorf("read the secret's file: %w", err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	return "", errors.New("a secret needs env or file")
}

// IsZero says that nothing is configured.
func (s Secret) IsZero() bool { return s == Secret{} }

// String hides where the secret comes from, and the secret.
func (Secret) String() string { return "***" }

// GoString is String.
func (Secret) GoString() string { return "***" }
