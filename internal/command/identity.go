package command

type identityTree struct {
	Resolve resolve `cmd:"" help:"Say which records of a CSV file are one customer each."`
}
