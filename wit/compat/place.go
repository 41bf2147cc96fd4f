package compat

import (
	"strconv"

	"github.com/witgen/witgen/wit"
)

// String returns "file:line:col".
func (p *Place) String() string {
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

func place(pos wit.Pos, text string) *Place {
	return &Place{Text: text, File: pos.File, Line: pos.Line, Col: pos.Col}
}

// bare returns a package's name without its version.
func bare(n wit.PackageName) string { return n.Namespace + ":" + n.Name }

func packageText(p *wit.Package) string { return "package " + p.Name.String() + ";" }
