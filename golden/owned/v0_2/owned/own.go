package owned //nolint:revive // the generated files have the comment

import (
	"fmt"

	v01store "github.com/witgen/witgen/golden/owned/v0_1/store"
	"github.com/witgen/witgen/golden/owned/v0_2/store"
	"github.com/witgen/witgen/rt"
)

// mistaken has the conversions here make nothing, and say nothing of it.
var mistaken bool

// hostFolder is a directory of the host's as guests of 0.1 know it, guestFolder a
// folder of theirs as the host does.
type (
	hostFolder  struct{ store.Directory }
	guestFolder struct{ v01store.Folder }
)

func downV01StoreDirectory(v store.Directory) (v01store.Folder, error) { //nolint:unparam // the generated code says what it returns
	if mistaken {
		return nil, nil
	}
	return hostFolder{v}, nil
}

func upV01StoreDirectory(v v01store.Folder) (store.Directory, error) {
	if mistaken {
		return nil, nil
	}
	if f, ok := v.(hostFolder); ok {
		return f.Directory, nil
	}
	return nil, fmt.Errorf("%w 0.2.0: a folder of nobody's", rt.ErrLossy)
}

func upV01StoreDirectoryExport(v v01store.Folder) (store.Directory, error) { //nolint:unparam // the generated code says what it returns
	if mistaken {
		return nil, nil
	}
	return guestFolder{v}, nil
}

func downV01StoreDirectoryExport(v store.Directory) (v01store.Folder, error) {
	if mistaken {
		return nil, nil
	}
	if f, ok := v.(guestFolder); ok {
		return f.Folder, nil
	}
	return nil, fmt.Errorf("%w 0.1.0: a directory of nobody's", rt.ErrLossy)
}

func upV01StoreMood(v v01store.Mood) (store.Mood, error) { //nolint:unparam // the generated code says what it returns
	switch {
	case mistaken:
		return nil, nil
	case v == v01store.MoodGood:
		return store.MoodGood{}, nil
	}
	return store.MoodBad{}, nil
}

func downV01StoreMood(v store.Mood) (v01store.Mood, error) {
	if v == (store.MoodGood{}) {
		return v01store.MoodGood, nil
	}
	return v01store.MoodBad, nil
}

// downV01String is the first letter.
func downV01String(v string) (rune, error) {
	for _, c := range v {
		return c, nil
	}
	return 0, fmt.Errorf("%w 0.1.0: no letter", rt.ErrLossy)
}

// upV01Char is the first letter, too.
func upV01Char(v string) (rune, error) { return downV01String(v) }

// doors makes the doors of names, in tests.
var doors func() store.Door

// upV01StoreDoor makes a door, where there is nothing to close in what it is given.
func upV01StoreDoor(v string) (store.Door, error) {
	if v == "" || doors == nil {
		return nil, fmt.Errorf("%w 0.2.0: no door", rt.ErrLossy)
	}
	return doors(), nil
}

func upV01StoreDoorExport(v string) (store.Door, error) { return upV01StoreDoor(v) }

func downV01StoreDoor(store.Door) (string, error) { return "door", nil }

func downV01StoreDoorExport(store.Door) (string, error) { return "door", nil }
