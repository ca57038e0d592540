package demo

import (
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"
)

// lists are what the world is drawn from.
type lists struct {
	Given     []given             `yaml:"given"`
	Family    map[string][]string `yaml:"family"`
	Cities    map[string][]city   `yaml:"cities"`
	Streets   map[string][]string `yaml:"streets"`
	Domains   []string            `yaml:"domains"`
	Companies []string            `yaml:"companies"`

	goods
}

// A given name, where it is at home, and what its bearers are also called.
type given struct {
	Name string   `yaml:"name"`
	In   string   `yaml:"in"`
	Also []string `yaml:"also"`
}

type city struct {
	Name      string   `yaml:"name"`
	Postcodes []string `yaml:"postcodes"`
	Region    string   `yaml:"region"`
}

type goods struct {
	Products []product `yaml:"products"`
	Subjects []string  `yaml:"subjects"`
	Letters  letters   `yaml:"letters"`
	Deals    []string  `yaml:"deals"`
}

// letters are what is written in tickets, by whom and when.
type letters struct {
	Asked    []string `yaml:"asked"`
	Answered []string `yaml:"answered"`
	Thanked  []string `yaml:"thanked"`
	Noted    []string `yaml:"noted"`
}

type product struct {
	SKU   string `yaml:"sku"`
	Name  string `yaml:"name"`
	Price int    `yaml:"price"` // cents
}

func readLists(fsys fs.FS) (*lists, error) {
	var l lists
	if err := readYAML(fsys, "people.yaml", &l); err != nil {
		return nil, err
	}
	if err := readYAML(fsys, "catalogue.yaml", &l.goods); err != nil {
		return nil, err
	}
	return &l, nil
}

func readYAML(fsys fs.FS, name string, into any) error {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read the demo's lists: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(b, into, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
