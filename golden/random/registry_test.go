package random_test

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// registry is a file that tells a test of the packages of random worlds.
type registry struct {
	imports []string
	body    strings.Builder
}

// use imports a package of a world, by its path below the world's, and returns its
// name.
func (r *registry) use(n int, name string) string {
	as := fmt.Sprintf("%s%d", path.Base(name), n)
	line := fmt.Sprintf("%s %q", as, path.Join(root, fmt.Sprintf("w%d", n), name))
	if !slices.Contains(r.imports, line) {
		r.imports = append(r.imports, line)
	}
	return as
}

// register tells TestAgree of a world.
func (r *registry) register(n int, w *wit.World, cases []string) {
	echo, guest := r.use(n, "echo"), r.use(n, "guest")
	imports := []string{}
	for _, item := range w.Imports {
		if len(item.Interface.Funcs) > 0 {
			imports = append(imports, echo+".Import("+echo+".Recorder{Answer: answer})")
		} else {
			imports = append(imports, "{Interface: "+r.use(n, item.Interface.Name)+".Interface}")
		}
	}
	fmt.Fprintf(&r.body, `
	worlds = append(worlds, world{
		text:  %q,
		cases: []map[reflect.Type][]reflect.Type{%s},
		imports: func(answer answer) []rt.Import {
			return []rt.Import{%s}
		},
		start: func(ctx context.Context, c *rt.Component, config rt.InstanceConfig) (any, func(context.Context) error, error) {
			p, err := %s.Instantiate(ctx, c, %[4]s.Imports{Echo: %[5]s.UnimplementedEcho{}}, config)
			if err != nil {
				return nil, nil, err
			}
			return p.Echo, p.Close, nil
		},
	})
`, wit.Print(w.Package), strings.Join(cases, ", "), strings.Join(imports, ", "), guest, echo)
}

// glue tells the tests of glue of a world.
func (r *registry) glue(n int, w *wit.World) {
	echo := r.use(n, "echo")
	fmt.Fprintf(&r.body, "\tregistered = append(registered, glueWorld{%q, join(%s.Export, %[2]s.Import)})\n", wit.Print(w.Package), echo)
}

// source returns the file.
func (r *registry) source(pkg string) []byte {
	std := ""
	if pkg == "random_test" {
		std = "\"context\"\n\"reflect\"\n\"slices\"\n\"github.com/witgen/witgen/rt\"\n"
	}
	if std != "" {
		r.body.WriteString("_ = slices.Concat[[]int]\n")
	}
	return fmt.Appendf(nil, "package %s\n\nimport (\n%s%s\n)\n\nfunc init() {\n%s}\n", pkg, std, strings.Join(r.imports, "\n"), r.body.String())
}
