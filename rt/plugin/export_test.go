package plugin

// Fault has stages fail where f returns an error.
func (h *Host) Fault(f func(plugin string, stage Stage) error) { h.fault = f }
