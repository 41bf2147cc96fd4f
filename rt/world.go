package rt

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/abi"
)

// World is what a host was written for, as generated packages describe it.
type World struct {
	Name    string           // "ns:pkg/world@1.0.0"
	Imports []*abi.Interface // what the host offers
	Exports []*abi.Interface // what the host calls

	// Optional names what of Exports a component may lack: an interface by its
	// name, "ns:pkg/iface@1.0.0", a function or a resource in one as
	// "ns:pkg/iface@1.0.0#f", and a function of the world itself as "f". What the
	// component does export of them has to be of the world's type all the same.
	Optional []string

	// Older are the older versions of the world that its package serves too, the
	// newest first. [Component.Link] links the world alone: see [Component.Choose].
	Older []World
}

// Digest tells worlds apart: it is the same for two if the same components fit
// both, and are called and answered by the same functions of the same types. The
// world's own name, and the order of what it has, do not count; older versions do. It may be another
// one in another version of this package, whose components then run differently.
func (w World) Digest() [sha256.Size]byte {
	text := binary.AppendUvarint(nil, abi.Version1)
	list := func(parts []string) {
		text = binary.AppendUvarint(text, uint64(len(parts)))
		for _, p := range parts {
			text = append(binary.AppendUvarint(text, uint64(len(p))), p...)
		}
	}
	for _, side := range [][]*abi.Interface{w.Imports, w.Exports} {
		side = slices.SortedFunc(slices.Values(side), func(a, b *abi.Interface) int { return strings.Compare(a.Name, b.Name) })
		text = binary.AppendUvarint(text, uint64(len(side)))
		for _, x := range side {
			funcs := make([]string, 0, 2*len(x.Funcs))
			for _, f := range slices.SortedFunc(slices.Values(x.Funcs), func(a, b abi.FuncType) int { return strings.Compare(a.Name, b.Name) }) {
				funcs = append(funcs, f.Name, f.Type)
			}
			list([]string{x.Name})
			list(slices.Sorted(slices.Values(x.Resources)))
			list(funcs)
		}
	}
	list(slices.Sorted(slices.Values(w.Optional)))
	for _, older := range w.Older {
		d := older.Digest()
		text = append(text, d[:]...)
	}
	return sha256.Sum256(text)
}
