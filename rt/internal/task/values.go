package task

// Values is a table of what the host has behind handles of a tree: a resource
// of the host is a Go value, and its rep in handle tables is an index here.
// The zero Values is empty.
type Values struct {
	list []any
	free []uint32
}

// Add puts a value, which is not nil, into the table and returns its index.
func (v *Values) Add(value any) uint32 {
	if n := len(v.free); n > 0 {
		i := v.free[n-1]
		v.free = v.free[:n-1]
		v.list[i] = value
		return i
	}
	v.list = append(v.list, value)
	return uint32(len(v.list) - 1)
}

// Get returns the value at index i, which a handle table holds.
func (v *Values) Get(i uint32) any { return v.list[i] }

// Remove takes the value at index i out of the table and returns it.
func (v *Values) Remove(i uint32) any {
	value := v.list[i]
	v.list[i] = nil
	v.free = append(v.free, i)
	return value
}

// Drain takes all values out of the table, in order of their indices.
func (v *Values) Drain() []any {
	var all []any
	for _, value := range v.list {
		if value != nil {
			all = append(all, value)
		}
	}
	v.list, v.free = nil, nil
	return all
}
