package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// record is a component as it is written.
type record struct {
	Format int        `json:"format"`
	Key    string     `json:"key"`
	Images []manifest `json:"images"`
}

// Component returns the images of a component, so that they can be read before
// anything else is known of it, and notes that it was used. They may be
// gone by now. It fails with [fs.ErrNotExist] if nothing is known; any other
// error says what is wrong with what there is.
func (d *Dir) Component(key Key) ([]Part, error) {
	path := d.component(key)
	parts, err := readComponent(path, key)
	switch {
	case err == nil:
		touch(path)
		return parts, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return nil, fmt.Errorf("%s: %w", path, err)
}

func readComponent(path string, key Key) ([]Part, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	var r record
	if err := unseal(text, &r); err != nil {
		return nil, err
	}
	if r.Format != Format || r.Key != key.String() {
		return nil, errors.New("is that of another component")
	}
	parts := make([]Part, len(r.Images))
	for i, m := range r.Images {
		if parts[i] = (Part{m}); parts[i].Stored() && !m.valid() {
			return nil, fmt.Errorf("image %d: has no name that one can have", i)
		}
	}
	return parts, nil
}

// PutComponent writes the images of a component over what is written of it.
func (d *Dir) PutComponent(key Key, parts []Part) error {
	r := record{Format: Format, Key: key.String()}
	for _, p := range parts {
		r.Images = append(r.Images, p.manifest)
	}
	text, err := seal(r)
	if err != nil {
		return err
	}
	if err := d.room(int64(len(text))); err != nil {
		return err
	}
	temp := d.temp("component")
	err = write(temp, text)
	if err == nil {
		err = d.put(temp, d.component(key), true)
	}
	if err != nil {
		_ = os.Remove(temp) // it may not be there
	}
	return err
}
