package main

import (
	"bytes"
	"fmt"
	"math"
)

// draw draws seconds of processor time and peak memory over the number of
// records, both axes logarithmic: a straight line at 45° grows as the records do.
func draw(all []size) []byte {
	const left, top, width, height = 60.0, 30.0, 560.0, 300.0
	var b bytes.Buffer
	x := func(records float64) float64 { return left + width*(math.Log10(records)-4)/2 } // 10 k to 1 M
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 400" font-family="sans-serif" font-size="12">`+"\n")
	fmt.Fprintf(&b, `<rect width="700" height="400" fill="white"/><rect x="%g" y="%g" width="%g" height="%g" fill="none" stroke="#888"/>`+"\n", left, top, width, height)
	for _, n := range []struct {
		at   float64
		name string
	}{{1e4, "10 k"}, {3e4, "30 k"}, {1e5, "100 k"}, {3e5, "300 k"}, {1e6, "1 M"}} {
		fmt.Fprintf(&b, `<line x1="%[1]g" y1="%[2]g" x2="%[1]g" y2="%[3]g" stroke="#ddd"/><text x="%[1]g" y="%[4]g" text-anchor="middle">%[5]s</text>`+"\n", x(n.at), top, top+height, top+height+18, n.name)
	}
	fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle">records</text>`+"\n", left+width/2, top+height+40)
	for _, line := range []struct {
		name, colour string
		least        float64 // of the axis, which has three powers of ten
		of           func(size) float64
		side         float64
		anchor       string
	}{
		{"seconds of processor time", "#1f6feb", .1, func(s size) float64 { return s.cpu.Seconds() }, left - 8, "end"},
		{"peak memory, MB", "#d1570a", 10, func(s size) float64 { return float64(s.peak) / (1 << 20) }, left + width + 8, "start"},
	} {
		y := func(v float64) float64 { return top + height - height*math.Log10(v/line.least)/3 }
		for p := range 4 {
			v := line.least * math.Pow10(p)
			fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="%s" fill="%s">%g</text><line x1="%g" y1="%g" x2="%g" y2="%g" stroke="#ddd"/>`+"\n", line.side, y(v)+4, line.anchor, line.colour, v, left, y(v), left+width, y(v))
		}
		points := ""
		for _, s := range all {
			px, py := x(float64(s.Records)), y(line.of(s))
			points += fmt.Sprintf("%.1f,%.1f ", px, py)
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, px, py, line.colour)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", points, line.colour)
		fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="%s" fill="%s">%s</text>`+"\n", line.side, top-10, map[string]string{"end": "start", "start": "end"}[line.anchor], line.colour, line.name)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
