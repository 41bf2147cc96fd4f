package rt

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestFuncName has symbols that compilers wrote, with what they are in the
// source, and some that nobody wrote.
func TestFuncName(t *testing.T) {
	const table = "store::Table<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >, int>::"
	for _, tt := range []struct{ name, in, want string }{
		{"C", "image_scale", "image_scale"},
		{"Go", "main.(*store).take", "main.(*store).take"},
		{"no name", "$12", "$12"},
		{"Rust", "_ZN6plugin5store4each17hd8595593f231ab2fE", "plugin::store::each"},
		{"Rust, method", "_ZN6plugin5store14Table$LT$T$GT$4take17h89560682f746e2cdE", "plugin::store::Table<T>::take"},
		{"Rust, closure", "_ZN6plugin3run28_$u7b$$u7b$closure$u7d$$u7d$17h93eccece723b85fcE", "plugin::run::{{closure}}"},
		{"Rust v0", "_RNvNtCslpYsK7Ve7lm_6plugin5store4each", "plugin::store::each"},
		{"Rust v0, method", "_RNvMNtCslpYsK7Ve7lm_6plugin5storeINtB2_5TablehE4takeB4_", "<plugin::store::Table<u8>>::take"},
		{"Rust v0, closure", "_RNCNvCslpYsK7Ve7lm_6plugin3run0B3_", "plugin::run::{closure#0}"},
		{"Rust v0, std", "_RNvNtCsgEmfK2I1SDS_4core9panicking9panic_fmt", "core::panicking::panic_fmt"},
		{"C++", "_ZN5store4eachEi", "store::each"},
		{"C++, anonymous", "_ZN5store12_GLOBAL__N_16hiddenEi", "store::(anonymous namespace)::hidden"},
		{"C++, template", "_ZN5store5TableINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEiE4takeERKS6_", table + "take"},
		{"C++, operator", "_ZNK5store5TableINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEiEcvbEv", table + "operator bool"},
		{"C++, lambda", "_ZZN5store4eachEiENKUliE_clEi", "store::each()::{lambda(int)#1}::operator()"},
		{"nearly", "_ZN5store4each", "_ZN5store4each"},
		{"nearly Rust", "_RNv", "_RNv"},
		{"long", strings.Repeat("é", 300), strings.Repeat("é", 126) + "…"},
		{"long when mangled", "_ZN300" + strings.Repeat("e", 300) + "1fEv", strings.Repeat("e", 253) + "…"},
	} {
		if got := funcName(tt.in); got != tt.want {
			t.Errorf("%s: %q is %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// TestFuncNameWork has names that a demangler reads twice at each level.
func TestFuncNameWork(t *testing.T) {
	conversions := "_Z1fI" + strings.Repeat("N1BcvT_I", 24)
	pairs := "_Z1fI1BIS_S_E" + strings.Repeat("S0_IS1_S1_E", 40) + "Evv"
	for _, name := range []string{conversions, pairs, strings.Repeat("cv", 10) + pairs} {
		least := time.Hour // the machine may do something else meanwhile
		for range 3 {
			start := time.Now()
			if got := funcName(name); len(got) > maxShown {
				t.Errorf("%d bytes of name", len(got))
			}
			least = min(least, time.Since(start))
		}
		if least > time.Second {
			t.Errorf("%.40s… takes %v", name, least)
		}
	}
}

func TestFrameOf(t *testing.T) {
	for _, tt := range []struct {
		line, module, name string
		ok                 bool
	}{
		{"app.wasm\x01.run(i32,i32) i32", "app.wasm", "run", true},
		{"\x01.run()", "", "run", true},
		{"\x01.run(i32) (i32,i64)", "", "run", true},
		{"a.b\x01.$7(externref)", "a.b", "$7", true},
		{"a\x01.f(int) (void)(i32)", "a", "f(int) (void)", true},
		{"provided.acme:kv/store@0.2.0#get(i32) i32", "", "acme:kv/store@0.2.0#get", true},
		{"elsewhere.f()", "", "", false},
		{"0x1234: src/lib.rs:12:5", "", "", false},
		{"... maybe followed by omitted frames", "", "", false},
		{"\x01.run", "", "", false},
		{"", "", "", false},
	} {
		got, ok := frameOf(tt.line)
		if want := (Frame{Func: tt.name, Module: tt.module}); ok != tt.ok || got != want {
			t.Errorf("%q: %+v %v, want %+v %v", tt.line, got, ok, want, tt.ok)
		}
	}
}

// FuzzFuncName demangles whatever looks like a name. That neither panics nor
// takes long, and what comes out is short and printable if the name is.
func FuzzFuncName(f *testing.F) {
	for _, s := range []string{
		"_RNvMNtCslpYsK7Ve7lm_6plugin5storeINtB2_5TablehE4takeB4_", "_ZN6plugin5store14Table$LT$T$GT$4take17h89560682f746e2cdE",
		"_ZZN5store4eachEiENKUliE_clEi", "_ZNK5store5TableINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEiEcvbEv",
		"_Z1fIUlvE_W1BcvT_IUlvE_W1BE", "_Z1fIDpT_JEEvDpT_", "___Z1fv_block_invoke", "_GLOBAL__I__Z1fv", "_RNvC1au6c_dDaa1f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		name = printable(name)
		start := time.Now()
		got := funcName(name)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%q takes %v", name, d)
		}
		if len(got) > maxShown || got != printable(got) || !utf8.ValidString(got) {
			t.Errorf("%q is %q", name, got)
		}
	})
}
