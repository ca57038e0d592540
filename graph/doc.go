// Package graph is the executable schema. Everything in it but this file is
// generated from schema.graphqls and gqlgen.yml.
package graph

//go:generate sh -c "cd .. && go tool gqlgen generate"
