package plugin

import "unsafe"

// Values as the canonical ABI lays them out. A pointer has 32 bits there and 64
// in Go, so these are types of their own.

// text is a string or any other list.
type text struct {
	ptr address
	len uint32
}

// setting is a tuple<string, string>.
type setting struct {
	name, value text
}

// tagged is an option<string> or a result<_, string>: what tag 1 carries is value.
type tagged struct {
	tag   uint8
	value text
}

// metadata is a plugin-metadata.
type metadata struct {
	name, version, description text
}

// response is a process-response.
type response struct {
	output       text
	success      bool
	errorMessage tagged
}

// kept holds the strings that the host is about to read.
var kept []string

// lower makes s readable for the host until the call's post-return.
func lower(s string) text {
	if s == "" {
		return text{}
	}
	kept = append(kept, s)
	return text{address(uintptr(unsafe.Pointer(unsafe.StringData(s)))), uint32(len(s))}
}

// lowerError makes err a result<_, string>, or an option<string> that says why
// there is one.
func lowerError(err error) tagged {
	if err == nil {
		return tagged{}
	}
	return tagged{1, lower(err.Error())}
}

// lift copies a string that the host wrote.
func (t text) lift() string {
	return string(unsafe.Slice((*byte)(t.ptr.pointer()), t.len))
}

// liftSettings copies a list of settings that the host wrote.
func liftSettings(ptr unsafe.Pointer, n uint32) []Setting {
	s := make([]Setting, n)
	for i, e := range unsafe.Slice((*setting)(ptr), n) {
		s[i] = Setting{e.name.lift(), e.value.lift()}
	}
	return s
}
