package sqlstore

// SetRekeyBatch has a rekey move so many records at once; what it answers puts
// that back.
func SetRekeyBatch(n int) func() {
	before := rekeyBatch
	rekeyBatch = n
	return func() { rekeyBatch = before }
}
