package policy

// Note is something that a plugin has less of than somebody gave it.
type Note struct {
	What string // "memory", "fs /data", "net", as the policy file has it
	From string // what there was before; empty for no bound
	To   string // what is left; empty for nothing
	By   string // who says so: "the ceiling"
}

// String returns the note as in "memory 64 MiB -> 32 MiB by the ceiling".
func (n Note) String() string {
	switch {
	case n.To == "" && n.From == "":
		return n.What + " denied by " + n.By
	case n.To == "":
		return n.What + " " + n.From + " denied by " + n.By
	case n.From == "":
		return n.What + " unbounded -> " + n.To + " by " + n.By
	}
	return n.What + " " + n.From + " -> " + n.To + " by " + n.By
}

// Who cuts.
const (
	byRequest  = "the request"
	byManifest = "the manifest"
	byCeiling  = "the ceiling"
	byPolicy   = "the policy"
)
