// Command guest prints the core module of a guest that answers every function
// its world exports by calling the same function of its imports. What a host
// gets back through it has been lowered and lifted by the host both ways.
//
// Usage: guest WIT >guest.wat
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: guest WIT")
	}
	pkg, err := wit.Load(os.Args[1], wit.Options{})
	if err != nil {
		log.Fatal(err)
	}
	w, err := pkg.ChooseWorld("")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.WriteString(module(w)); err != nil {
		log.Fatal(err)
	}
}

// memory is what every module has: a realloc that hands out memory from 1024
// on and grows it as needed, and a post-return that takes all of it back.
const memory = `  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func $realloc (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
    (local $p i32)
    (local.set $p (i32.and
      (i32.sub (i32.add (global.get $next) (local.get $align)) (i32.const 1))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $p) (local.get $new)))
    (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $new) (i32.const 65536)))))))
    (local.get $p))
  (func $reset (global.set $next (i32.const 1024)))
`

// module returns the text of the module.
func module(w *wit.World) string {
	var imports, funcs strings.Builder
	n := 0
	for _, item := range w.Exports {
		for _, f := range item.Interface.Funcs {
			inner := layout.Lower(f, layout.Options{})
			outer := layout.Lift(f, layout.Options{})
			id := item.Interface.ID()
			fmt.Fprintf(&imports, "  (import %q %q (func $f%d%s))\n", id, f.Name, n, signature(inner))
			fmt.Fprintf(&funcs, "  (func (export %q)%s\n", id+"#"+f.Name, signature(outer))
			if inner.ResultSpills {
				l := inner.ResultLayout
				fmt.Fprintf(&funcs, "    (local $ret i32)\n    (local.set $ret (call $realloc (i32.const 0) (i32.const 0) (i32.const %d) (i32.const %d)))\n", l.Align, l.Size)
			}
			for k := range outer.Params {
				fmt.Fprintf(&funcs, "    (local.get %d)\n", k)
			}
			if inner.ResultSpills {
				funcs.WriteString("    (local.get $ret)\n")
			}
			fmt.Fprintf(&funcs, "    (call $f%d)\n", n)
			if inner.ResultSpills {
				funcs.WriteString("    (local.get $ret)\n")
			}
			fmt.Fprintf(&funcs, "  )\n  (func (export %q)%s (call $reset))\n",
				"cabi_post_"+id+"#"+f.Name, signature(layout.Signature{Params: outer.Results}))
			n++
		}
	}
	return "(module\n" + imports.String() + memory + funcs.String() + ")\n"
}

func signature(s layout.Signature) string {
	var b strings.Builder
	for _, p := range s.Params {
		fmt.Fprintf(&b, " (param %s)", p)
	}
	for _, r := range s.Results {
		fmt.Fprintf(&b, " (result %s)", r)
	}
	return b.String()
}
