package git

import (
	"bufio"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// store is a directory of objects: loose ones, each in a file, and packs.
type store struct {
	dir   string
	packs []*pack
}

// openStore opens the packs of a directory of objects.
func openStore(dir string) (*store, error) {
	s := &store{dir: dir}
	entries, err := os.ReadDir(filepath.Join(dir, "pack"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".idx")
		if !ok {
			continue
		}
		p, err := openPack(filepath.Join(dir, "pack", name))
		if errors.Is(err, os.ErrNotExist) {
			continue // the index or its pack went while we looked, as git gc replaces packs
		}
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.packs = append(s.packs, p)
	}
	return s, nil
}

func (s *store) close() error {
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// object reads an object; the error is errAbsent if there is no such.
func (s *store) object(id ID) (object, error) {
	for _, p := range s.packs {
		o, err := p.object(id)
		if !errors.Is(err, errAbsent) {
			return o, err
		}
	}
	return s.loose(id)
}

// loose reads an object that has a file of its own: the zlib of its kind, its
// size in decimal, a zero byte, and its data.
func (s *store) loose(id ID) (object, error) {
	hexed := id.String()
	f, err := openRegular(filepath.Join(s.dir, hexed[:2], hexed[2:]))
	if errors.Is(err, os.ErrNotExist) {
		return object{}, errAbsent
	}
	if err != nil {
		return object{}, err
	}
	defer f.Close()
	z, err := zlib.NewReader(bufio.NewReader(f))
	if err != nil {
		return object{}, err
	}
	defer z.Close()
	return looseObject(bufio.NewReader(z))
}

// looseObject reads an object behind its header.
func looseObject(r *bufio.Reader) (object, error) {
	const longest = len("commit 18446744073709551615\x00")
	var head []byte
	for len(head) == 0 || head[len(head)-1] != 0 {
		b, err := r.ReadByte()
		if err != nil {
			return object{}, err
		}
		if head = append(head, b); len(head) > longest {
			return object{}, errors.New("it has no header")
		}
	}
	name, digits, _ := strings.Cut(string(head[:len(head)-1]), " ")
	k, ok := kindOf(name)
	size, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil {
		return object{}, fmt.Errorf("it has the header %q", head)
	}
	data, err := readAll(r, size)
	return object{k, data}, err
}

// abbreviated returns the objects whose IDs in hexadecimal begin with a text of
// at least two digits, and no more of them than are wanted.
func (s *store) abbreviated(prefix string, want int) ([]ID, error) {
	var found []ID
	for _, p := range s.packs {
		ids, err := p.abbreviated(prefix, want)
		if err != nil {
			return nil, err
		}
		found = append(found, ids...)
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, prefix[:2]))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if len(found) >= want {
			break
		}
		if id, ok := parseID(prefix[:2] + e.Name()); ok && strings.HasPrefix(e.Name(), prefix[2:]) {
			found = append(found, id)
		}
	}
	return found, nil
}

// bounds returns the least and the greatest ID that begin with a text of
// hexadecimal digits.
func bounds(prefix string) (least, most ID, ok bool) {
	pad := func(digit string) (ID, bool) {
		return parseID(prefix + strings.Repeat(digit, max(0, hex.EncodedLen(len(ID{}))-len(prefix))))
	}
	least, ok = pad("0")
	if ok {
		most, ok = pad("f")
	}
	return least, most, ok
}

// openRegular opens a file that is none that blocks.
func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", filepath.ToSlash(name))
	}
	return os.Open(name)
}
