// Package prove is the two-worlds proof (CONSENT.md §9): two worlds that share
// everything but the cells that a caller may not see must answer every
// operation of that caller alike: body, extensions, errors, source calls, log.
// It builds the whole server in process, over real SQLite, behind simulated
// sources, and listens nowhere.
package prove
