package rt

// NilImportError is the error of a generated Instantiate for a field of its Imports
// that nobody set.
type NilImportError struct {
	Field string // "plugin.Imports.HostAPI"
	For   string // what the field has to implement: an interface by its name, as a rule
}

// Error returns both.
func (e *NilImportError) Error() string { return e.Field + " is nil (" + e.For + ")" }
