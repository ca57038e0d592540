package strict

import (
	"reflect"
	"strings"
)

// keysOf lists every yaml key of a configuration, nested ones included, so
// that an unknown key can be told its nearest known one.
func keysOf(v any) []string {
	var out []string
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			for i := range t.NumField() {
				key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
				if key != "" && key != "-" {
					out = append(out, key)
				}
				if key != "" || t.Field(i).Anonymous {
					walk(t.Field(i).Type)
				}
			}
		}
	}
	walk(reflect.TypeOf(v))
	return out
}
