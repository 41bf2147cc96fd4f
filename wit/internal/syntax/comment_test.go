package syntax

import "testing"

func TestDocs(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"none", "", ""},
		{"ordinary comments", "// a\n/* b */", ""},
		{"line", "/// a", "a"},
		{"lines", "/// a\n/// b", "a\nb"},
		{"indent is kept beyond what is shared", "///  a\n///    b\n///\n///  c", "a\n  b\n\nc"},
		{"trailing space", "/// a  \t", "a"},
		{"ordinary comment between", "/// a\n// x\n/// b", "a\nb"},
		{"four slashes", "//// a", ""},
		{"block", "/** a */", "a"},
		{"block of lines", "/**\n   a\n     b\n   c\n */", "a\n  b\nc"},
		{"block with stars", "/**\n * a\n *   b\n *\n * c\n */", "a\n  b\n\nc"},
		{"block that begins at once", "/** a\n *  b\n */", "a\nb"},
		{"empty block", "/**/", ""},
		{"three stars", "/*** a */", ""},
		{"nested block", "/** a /* b */ c */", "a /* b */ c"},
		{"block after lines", "/// a\n/** b */", "a\nb"},
		{"blank ends", "///\n/// a\n///", "a"},
		{"carriage returns", "/// a\r\n/// b\r\n", "a\nb"},
		{"slashes within", "/// a /// b", "a /// b"},
	}
	for _, tt := range tests {
		l := lexer{src: NewSource("t.wit", tt.in)}
		l.run()
		if got := Comments(l.comments).Docs(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if _, ok := Comments(l.comments).Doc(); ok != (tt.want != "") {
			t.Errorf("%s: Doc found one: %v", tt.name, ok)
		}
	}
}
