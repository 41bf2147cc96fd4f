package abi

// Await runs the guest as [Call.Invoke] does, for an async function. Its result
// is there when the guest hands it over, which may be before the function ends:
// then lift is called, once, with the core values of the result, or with a
// pointer to it if those are more than sixteen. It is nil for a function
// without a result.
func (c *Call) Await(lift func(flat []uint64)) {
	c.task.Result = func(flat []uint64) error {
		if lift != nil {
			c.Mem.Refresh()
			lift(flat)
		}
		if err := c.Mem.err; err != nil {
			c.Mem.err = nil // it comes back as the reason why the guest is stopped
			return err
		}
		if h := c.Mem.handles; h != nil {
			return h.Scope.Return()
		}
		return nil
	}
	c.Invoke()
	c.task.Result = nil
}
