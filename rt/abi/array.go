package abi

// LoadByteArray fills v with the list<u8, N> of its length at ptr. On failure
// it leaves v as it is.
func (m *Mem) LoadByteArray(ptr uint32, v []byte) {
	copy(v, m.at(ptr, uint64(len(v))))
}

// StoreByteArray writes v at ptr as a list<u8, N> of its length.
func (m *Mem) StoreByteArray(ptr uint32, v []byte) {
	copy(m.at(ptr, uint64(len(v))), v)
}

// LoadNumberArray fills v with the list<T, N> of its length at ptr. NaNs become
// the canonical one. On failure it leaves v as it is.
func LoadNumberArray[T Number](m *Mem, ptr uint32, v []T) {
	if b := m.at(ptr, uint64(len(v))*uint64(sizeOf[T]())); b != nil {
		getNumbers(b, v)
	}
}

// StoreNumberArray writes v at ptr as a list<T, N> of its length.
func StoreNumberArray[T Number](m *Mem, ptr uint32, v []T) {
	if b := m.at(ptr, uint64(len(v))*uint64(sizeOf[T]())); b != nil {
		putNumbers(b, v)
	}
}
