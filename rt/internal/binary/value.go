package binary

// start takes a start definition. See Binary.md, "Start Definitions".
func (r *reader) start() *Start {
	return &Start{
		At:      At(r.offset()),
		Func:    r.u32(),
		Args:    r.indices("arguments of the start function", maxMembers),
		Results: r.u32(),
	}
}

// value takes a value definition. See Binary.md, "Value Definitions".
func (r *reader) value() *Value {
	return &Value{At: At(r.offset()), Type: r.valType(), Data: r.bytes(r.u32())}
}
