package echo

import "github.com/witgen/witgen/wit"

// Apart returns a world like another, but that imported interfaces with
// functions have other names, "ns:pkg/iface-apart@1.0.0". Its guests fit where
// those of the world do as far as exports go; what they import is none of what
// the world does, and can be given by a host that knows nothing of it. What is
// exported refers to types of the interfaces as they were.
func Apart(w *wit.World) *wit.World {
	apart := *w
	apart.Imports = nil
	for _, item := range w.Imports {
		if item.Interface != nil && len(item.Interface.Funcs) > 0 {
			i, renamed := *item.Interface, *item
			if renamed.Label != "" {
				renamed.Label += "-apart"
			} else {
				i.Name += "-apart"
			}
			renamed.Interface, item = &i, &renamed
		}
		apart.Imports = append(apart.Imports, item)
	}
	return &apart
}
