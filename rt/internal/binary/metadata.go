package binary

// Custom sections that say what a file is called and what made it. They are
// never an error: of one that is malformed, what stands before the fault is
// taken.

// ProducersSection is the name of the custom section that [ReadProducers]
// reads.
const ProducersSection = "producers"

// Producer is something that had a part in making a file. Field is "language",
// "processed-by" or "sdk".
type Producer struct{ Field, Name, Version string }

// ReadProducers reads the contents of a producers section. See "Producers
// Section" of the tool conventions.
func ReadProducers(data []byte) []Producer {
	r := newReader(data)
	var list []Producer
	for range r.count("fields", maxMembers) {
		field := r.name()
		for range r.count("producers", maxMembers) {
			r.node()
			p := Producer{field, r.name(), r.name()}
			if r.err != nil {
				return list
			}
			list = push(list, p, unknown)
		}
	}
	return list
}

// The name sections, and the subsection that holds the name of the whole.
const (
	moduleNames    = "name"
	componentNames = "component-name"
	wholeName      = 0
)

// Name returns the name that a component gives itself, or "". See Binary.md,
// "Name Section".
func (c *Component) Name() string {
	for _, s := range c.Custom {
		if s.Name == componentNames {
			return readName(s.Data)
		}
	}
	return ""
}

// Name returns the name that a core module gives itself, or ""; wasm is the
// module. See "Name Section" in the core specification's appendix.
func (m *Module) Name(wasm []byte) string {
	for _, s := range m.Sections {
		if s.ID == ModuleCustom && s.Name == moduleNames {
			return readName(s.Contents(wasm))
		}
	}
	return ""
}

// Contents returns what a custom section holds after its name; wasm is the
// module.
func (s Section) Contents(wasm []byte) []byte {
	r := newReader(s.Body.Of(wasm))
	r.name()
	return r.buf[r.pos:]
}

// readName reads the contents of a name section, whose first subsection holds
// the name if there is one.
func readName(data []byte) string {
	r := newReader(data)
	if id := r.byte(); id != wholeName {
		return ""
	}
	s := newReader(r.bytes(r.u32()))
	name := s.name()
	if r.err != nil || s.err != nil {
		return ""
	}
	return name
}
