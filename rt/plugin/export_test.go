package plugin

// Fault has stages fail where f returns an error.
func (h *Host) Fault(f func(plugin string, stage Stage) error) { h.fault = f }

// Happen has something happen to the slot.
func (c *Control) Happen(e Event) { c.slot.happened(e) }
