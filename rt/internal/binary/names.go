package binary

import "fmt"

var sortNames = map[Sort]string{
	SortFunc:      "func",
	SortValue:     "value",
	SortType:      "type",
	SortComponent: "component",
	SortInstance:  "instance",
}

var coreSortNames = map[CoreSort]string{
	CoreFunc:     "func",
	CoreTable:    "table",
	CoreMemory:   "memory",
	CoreGlobal:   "global",
	CoreTag:      "tag",
	CoreTypeSort: "type",
	CoreModSort:  "module",
	CoreInstSort: "instance",
}

// String returns the sort's name in the text format.
func (s CoreSort) String() string {
	if name, ok := coreSortNames[s]; ok {
		return name
	}
	return fmt.Sprintf("sort(%#02x)", uint8(s))
}

// String returns the sort's name in the text format.
func (s Sort) String() string {
	if s == SortCore {
		return "core"
	}
	if name, ok := sortNames[s]; ok {
		return name
	}
	return fmt.Sprintf("sort(%#02x)", uint8(s))
}

// sortName is the name of a sort that may be a core one.
func sortName(s Sort, core CoreSort) string {
	if s == SortCore {
		return "core " + core.String()
	}
	return s.String()
}
