package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version is the version of the state's schema. A field that is added makes
// another version: a program that does not know a field would drop it with the
// next change, so it must not take the file for one of its own.
const Version = 1

// maxState is how many bytes a state has as it is written.
const maxState = 16 << 20

// envelope is what a state is in, in all versions of the schema, so that damage
// is told from what a newer program has written. Sum is the SHA-256 of the
// version and of the state, byte by byte as it is written.
type envelope struct {
	Version int             `json:"version"`
	Sum     string          `json:"sha256"`
	State   json.RawMessage `json:"state"`
}

func seal(version int, state []byte) envelope {
	h := sha256.New()
	fmt.Fprintf(h, "witgen state %d\n", version)
	h.Write(state)
	return envelope{version, hex.EncodeToString(h.Sum(nil)), state}
}

// text returns the only way in which the envelope is written.
func (e envelope) text() []byte {
	return fmt.Appendf(nil, "{\n \"version\": %d,\n \"sha256\": \"%s\",\n \"state\": %s\n}\n", e.Version, e.Sum, e.State)
}

// encode writes a state.
func encode(s *State) ([]byte, error) {
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false) // people read it
	w.SetIndent(" ", " ")
	if err := w.Encode(s); err != nil {
		return nil, err
	}
	text := seal(Version, bytes.TrimSuffix(b.Bytes(), []byte("\n"))).text()
	if len(text) > maxState {
		return nil, fmt.Errorf("the state has %d bytes as it is written, at most %d are allowed", len(text), maxState)
	}
	return text, nil
}

// decode reads what encode has written. The error is a *ForeignError, or else
// it says what is damaged.
func decode(path string, text []byte) (*State, error) {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, err
	}
	if !bytes.Equal(text, seal(e.Version, e.State).text()) {
		return nil, errors.New("is not what was written")
	}
	if e.Version != Version {
		return nil, &ForeignError{Path: path, Version: e.Version}
	}
	s := new(State)
	r := json.NewDecoder(bytes.NewReader(e.State))
	r.DisallowUnknownFields()
	if err := r.Decode(s); err != nil {
		if json.Unmarshal(e.State, new(State)) == nil { // it is only the fields
			return nil, &ForeignError{path, e.Version, err}
		}
		return nil, err
	}
	return s, s.check()
}

// readAll reads a file of a size that was looked at, and may be something else
// by now.
func readAll(f io.Reader, size int64) ([]byte, error) {
	data := make([]byte, size)
	if n, err := io.ReadFull(f, data); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return data[:n], nil
	} else if err != nil {
		return nil, err
	}
	return data, nil
}
