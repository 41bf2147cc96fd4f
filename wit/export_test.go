package wit

// Loaded returns all packages that were loaded with a root package.
func (p *Package) Loaded() []*Package { return p.origin.packages }
