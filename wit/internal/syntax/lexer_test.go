package syntax

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tokensOf writes out the tokens of a text: what has only one spelling as
// itself, others as kind and text.
func tokensOf(text string) (string, []Error) {
	l := lexer{src: NewSource("t.wit", text)}
	l.run()
	var list []string
	for _, t := range l.tokens {
		switch t.kind {
		case kindEOF:
		case kindBad:
			list = append(list, "bad")
		case kindName:
			list = append(list, "name("+text[t.start:t.end]+")")
		case kindInteger:
			list = append(list, "int("+text[t.start:t.end]+")")
		case kindVersion:
			list = append(list, "version("+text[t.start:t.end]+")")
		case kindString:
			list = append(list, "string("+text[t.start:t.end]+")")
		default:
			list = append(list, spellings[t.kind])
		}
	}
	return strings.Join(list, " "), l.errs
}

func TestLexer(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"white space", " \t\r\n", ""},
		{"operators", "= , : ; ( ) { } < > * / . - + @ ->", "= , : ; ( ) { } < > * / . - + @ ->"},
		{"no space", "a:b/c@1.0.0;", "name(a) : name(b) / name(c) @ version(1.0.0) ;"},
		{"keywords", "use record error-context _ async", "use record error-context _ async"},
		{"escaped keyword", "%use %x", "name(%use) name(%x)"},
		{"keyword within a name", "use-it", "name(use-it)"},
		{"digits in later words", "f-1 utf-8 a1", "name(f-1) name(utf-8) name(a1)"},
		{"other alphabets", "größe-ñ", "name(größe-ñ)"},
		{"underscores", "_a a_b", "name(_a) name(a_b)"},
		{"integers", "4 0 007", "int(4) int(0) int(007)"},
		{"version", "1.2.3-rc.1+build.5", "version(1.2.3-rc.1+build.5)"},
		{"version with a date", "0.3.0-rc-2026-03-15", "version(0.3.0-rc-2026-03-15)"},
		{"version before a list of names", "@1.0.0-rc.{t}", "@ version(1.0.0-rc) . { name(t) }"},
		{"version before a name", "1.0.0.b", "version(1.0.0.b)"},
		{"short version", "1.0 1.", "version(1.0) int(1) ."},
		{"byte order mark", "\uFEFFuse", "use"},
		{"line comment", "a // b\nc", "name(a) name(c)"},
		{"line comment at the end", "a // b", "name(a)"},
		{"block comment", "a/* b */c", "name(a) name(c)"},
		{"nested comment", "a /* b /* c */ d */ e", "name(a) name(e)"},
		{"comment that looks closed", "/*/ a */ b", "name(b)"},
		{"string", `"a" "\"" "\\" ""`, `string("a") string("\"") string("\\") string("")`},
		{"arrow", "- -> ->", "- -> ->"},
	}
	for _, tt := range tests {
		got, errs := tokensOf(tt.in)
		if got != tt.want || len(errs) > 0 {
			t.Errorf("%s: %q\ngot  %s %v\nwant %s", tt.name, tt.in, got, errs, tt.want)
		}
	}
}

func TestLexerErrors(t *testing.T) {
	tests := []struct {
		name, in, tokens, msg string
		start, end            int32
	}{
		{"unknown character", "a # b", "name(a) bad name(b)", "unexpected `#`", 2, 3},
		{"unknown characters together", "a #&! b", "name(a) bad name(b)", "unexpected `#&!`", 2, 5},
		{"lone percent", "% a", "bad name(a)", "expected a name after `%`", 0, 1},
		{"unterminated string", "\"ab\nc", "bad name(c)", "unterminated string", 0, 3},
		{"string at the end", `"ab\`, "bad", "unterminated string", 0, 4},
		{"unterminated comment", "a /* b", "name(a)", "unterminated comment", 2, 4},
		{"unterminated inner comment", "/* /* */", "", "unterminated comment", 0, 2},
	}
	for _, tt := range tests {
		got, errs := tokensOf(tt.in)
		if got != tt.tokens {
			t.Errorf("%s: tokens %s, want %s", tt.name, got, tt.tokens)
		}
		if len(errs) != 1 || errs[0].Msg != tt.msg || errs[0].Span.Start != tt.start || errs[0].Span.End != tt.end {
			t.Errorf("%s: errors %v, want %q at %d-%d", tt.name, errs, tt.msg, tt.start, tt.end)
		}
	}
}

func TestCheckText(t *testing.T) {
	tests := []struct {
		name, in, want string
		at             int32
	}{
		{"clean", "a\tb\r\nc é 漢", "", 0},
		{"control", "ab\x01", "control character U+0001", 2},
		{"delete", "\x7f", "control character U+007F", 0},
		{"control beyond ASCII", "a\u0085", "control character U+0085", 1},
		{"override in a comment", "// \u202e", "bidirectional override U+202E", 3},
		{"isolate", "\u2067", "bidirectional override U+2067", 0},
		{"discouraged", "a\u0149", "character U+0149, which Unicode discourages", 1},
		{"not UTF-8", "abc\xff\xff", "the file is not encoded as UTF-8", 3},
		{"half a character", "\xe6\xbc", "the file is not encoded as UTF-8", 0},
	}
	for _, tt := range tests {
		errs := checkText(NewSource("t.wit", tt.in))
		switch {
		case tt.want == "" && len(errs) > 0:
			t.Errorf("%s: %v", tt.name, errs)
		case tt.want != "" && (len(errs) != 1 || errs[0].Msg != tt.want || errs[0].Span.Start != tt.at):
			t.Errorf("%s: %v, want %q at %d", tt.name, errs, tt.want, tt.at)
		}
	}
}

func TestPosition(t *testing.T) {
	src := NewSource("t.wit", "\uFEFFab\ncé f\r\n\nx")
	tests := []struct {
		offset    int32
		line, col int
		text      string
	}{
		{0, 1, 1, "ab"},
		{3, 1, 1, "ab"},
		{5, 1, 3, "ab"},
		{6, 2, 1, "cé f"},
		{9, 2, 4, "cé f"},
		{13, 3, 1, ""},
		{14, 4, 1, "x"},
		{15, 4, 2, "x"},
	}
	for _, tt := range tests {
		line, col := src.Position(tt.offset)
		if line != tt.line || col != tt.col || src.Line(line) != tt.text {
			t.Errorf("offset %d: %d:%d %q, want %d:%d %q", tt.offset, line, col, src.Line(line), tt.line, tt.col, tt.text)
		}
	}
	if src.Line(0) != "" || src.Line(5) != "" {
		t.Error("lines that are not there have text")
	}
}

func TestUnquote(t *testing.T) {
	tests := []struct{ in, want, problem string }{
		{`""`, "", ""},
		{`"a\t\n\r\"\'\\b"`, "a\t\n\r\"'\\b", ""},
		{`"\41\e2\98\83"`, "A☃", ""},
		{`"\u{7fff}\u{1_F600}"`, "\u7fff😀", ""},
		{`"\x"`, "", "unknown escape"},
		{`"\4"`, "", "unknown escape"},
		{`"\ff"`, "", "the string is not UTF-8"},
		{`"\u{d800}"`, "", "no Unicode scalar value"},
		{`"\u{110000}"`, "", "no Unicode scalar value"},
		{`"\u{_1}"`, "", "misplaced `_`"},
		{`"\u{1"`, "", "expected `\\u{` with hexadecimal digits and `}`"},
		{`"\u{}"`, "", "no Unicode scalar value"},
	}
	for _, tt := range tests {
		got, _, problem := unquote(tt.in)
		if got != tt.want || problem != tt.problem {
			t.Errorf("unquote(%s) = %q, %q, want %q, %q", tt.in, got, problem, tt.want, tt.problem)
		}
	}
}

// seedCorpus adds the texts of the reference corpus, where it is there.
func seedCorpus(f *testing.F) {
	err := filepath.WalkDir("../../../../shared/wit-corpus", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".wit") {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil && len(text) < 1<<14 {
			f.Add(string(text))
		}
		return err
	})
	if err != nil {
		f.Logf("no reference data: %v", err)
	}
}

// FuzzLexer checks that tokens and comments are parts of the text, one after
// the other, and that there is white space between them at most.
func FuzzLexer(f *testing.F) {
	seedCorpus(f)
	f.Add("package a:b@1.0.0-rc.1; // c\n/* /* */ */ %u8 \"\\u{1_f}\" -> ж \uFEFF")
	f.Fuzz(func(t *testing.T, text string) {
		src := NewSource("a.wit", text)
		l := lexer{src: src}
		l.run()
		at := int(src.lines[0])
		comment := 0
		skip := func(to int32) {
			if gap := strings.Trim(text[at:to], " \n\t\r"); gap != "" && len(l.errs) == 0 {
				t.Fatalf("%q is no token", gap)
			}
		}
		for i, tok := range l.tokens {
			for ; comment < int(tok.comments); comment++ {
				c := l.comments[comment].Span
				skip(c.Start)
				at = int(c.End)
			}
			skip(tok.start)
			if tok.end < tok.start || tok.end == tok.start && tok.kind != kindEOF {
				t.Fatalf("token %d is %d to %d", i, tok.start, tok.end)
			}
			at = int(tok.end)
		}
		if last := l.tokens[len(l.tokens)-1]; last.kind != kindEOF || int(last.end) != len(text) {
			t.Fatalf("the last token is %v at %d of %d", last.kind, last.end, len(text))
		}
		for _, e := range l.errs {
			if e.Span.Text() == "" && len(text) > 0 {
				t.Fatalf("an error without a place: %s", e.Msg)
			}
		}
	})
}
