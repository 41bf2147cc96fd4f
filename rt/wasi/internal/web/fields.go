package web

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

const (
	// maxFields is the most bytes that the fields of a message may have.
	maxFields = 128 << 10

	// perField is what each counts beside its name and its value, so that many
	// empty ones are much too. See RFC 9113, 6.5.2.
	perField = 32
)

// Fields are headers or trailers. See wasi:http/types, fields.
type Fields struct {
	list   []field
	size   int
	frozen bool
	quota  *quota // nil once the guest has them no more
}

var _ types.Fields = (*Fields)(nil)

// field is a name, in the letters that it came in, and one value.
type field struct {
	name  string
	value []byte
}

// forbidden are the names that belong to the connection, or say where a message
// goes and where it ends: the host's affair.
var forbidden = []string{
	"connection",
	"host",
	"http2-settings",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authorization",
	"proxy-connection",
	"transfer-encoding",
	"upgrade",
}

func isForbidden(name string) bool {
	return slices.ContainsFunc(forbidden, func(f string) bool { return strings.EqualFold(f, name) })
}

var errFields = errors.New("fields of more than 128 KiB")

const contentLength = "content-length"

// check returns the error of values under a name that cannot be sent.
func check(name string, values ...[]byte) error {
	if !isToken(name) {
		return types.HeaderErrorInvalidSyntax{}
	}
	for _, v := range values {
		if !isFieldValue(v) {
			return types.HeaderErrorInvalidSyntax{}
		}
	}
	if strings.EqualFold(name, contentLength) {
		for _, v := range values {
			if _, ok := lengthOf(string(v)); !ok {
				return types.HeaderErrorInvalidSyntax{}
			}
		}
	}
	if isForbidden(name) {
		return types.HeaderErrorForbidden{}
	}
	return nil
}

// add adds a value that was checked. A message has one length: a second one is
// what two on the way would read differently.
func (f *Fields) add(name string, value []byte) error {
	if strings.EqualFold(name, contentLength) && f.first(contentLength) != nil {
		return types.HeaderErrorInvalidSyntax{}
	}
	return f.put(name, value)
}

// put adds a value, as far as there may be more.
func (f *Fields) put(name string, value []byte) error {
	size := len(name) + len(value) + perField
	if size > maxFields-f.size {
		return errFields
	}
	if err := f.quota.take(size); err != nil {
		return err
	}
	f.list = append(f.list, field{name, value})
	f.size += size
	return nil
}

// first returns the first field of a name, or nil.
func (f *Fields) first(name string) *field {
	i := slices.IndexFunc(f.list, func(x field) bool { return strings.EqualFold(x.name, name) })
	if i < 0 {
		return nil
	}
	return &f.list[i]
}

// length returns the content-length, if there is one.
func (f *Fields) length() (n uint64, ok bool) {
	if x := f.first(contentLength); x != nil {
		return lengthOf(string(x.value))
	}
	return 0, false
}

// remove removes what has a name.
func (f *Fields) remove(name string) {
	f.list = slices.DeleteFunc(f.list, func(x field) bool {
		same := strings.EqualFold(x.name, name)
		if same {
			size := len(x.name) + len(x.value) + perField
			f.size -= size
			f.quota.give(size)
		}
		return same
	})
}

// Get returns the values of a name.
func (f *Fields) Get(_ context.Context, name string) ([][]byte, error) {
	var values [][]byte
	for _, x := range f.list {
		if strings.EqualFold(x.name, name) {
			values = append(values, x.value)
		}
	}
	return values, nil
}

// Has reports whether there are values of a name.
func (f *Fields) Has(_ context.Context, name string) (bool, error) { return f.first(name) != nil, nil }

// Set makes values those of a name. None remove it.
func (f *Fields) Set(_ context.Context, name string, values [][]byte) error {
	if err := check(name, values...); err != nil {
		return err
	}
	if f.frozen {
		return types.HeaderErrorImmutable{}
	}
	if len(values) > 1 && strings.EqualFold(name, contentLength) {
		return types.HeaderErrorInvalidSyntax{}
	}
	f.remove(name)
	for _, v := range values {
		if err := f.add(name, v); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes the values of a name.
func (f *Fields) Delete(_ context.Context, name string) error {
	if err := check(name); err != nil {
		return err
	}
	if f.frozen {
		return types.HeaderErrorImmutable{}
	}
	f.remove(name)
	return nil
}

// Append adds a value of a name.
func (f *Fields) Append(_ context.Context, name string, value []byte) error {
	if err := check(name, value); err != nil {
		return err
	}
	if f.frozen {
		return types.HeaderErrorImmutable{}
	}
	return f.add(name, value)
}

// Entries returns all names and values, in their order.
func (f *Fields) Entries(context.Context) ([]cm.Tuple2[string, []byte], error) {
	all := make([]cm.Tuple2[string, []byte], len(f.list))
	for i, x := range f.list {
		all[i] = cm.Tuple2[string, []byte]{F0: x.name, F1: x.value}
	}
	return all, nil
}

// Clone returns a copy that can be changed.
func (f *Fields) Clone(context.Context) (types.Fields, error) {
	c, err := f.copy(f.quota)
	if err != nil {
		return nil, err
	}
	c.frozen = false
	return c, nil
}

// copy returns a copy that cannot be changed. The values are shared: nobody
// writes to them.
func (f *Fields) copy(q *quota) (*Fields, error) {
	if err := q.take(perObject + f.size); err != nil {
		return nil, err
	}
	return &Fields{list: slices.Clone(f.list), size: f.size, frozen: true, quota: q}, nil
}

// newFields returns fields without anything in them.
func newFields(q *quota) (*Fields, error) {
	if err := q.take(perObject); err != nil {
		return nil, err
	}
	return &Fields{quota: q}, nil
}

// Close drops the fields.
func (f *Fields) Close(context.Context) error {
	f.drop()
	return nil
}

// drop says that the guest has the fields no more.
func (f *Fields) drop() {
	f.quota.give(perObject + f.size)
	f.quota = nil
}

// header returns the fields as Go has them, without what must not be sent.
func (f *Fields) header() http.Header {
	h := make(http.Header, len(f.list))
	for _, x := range f.list {
		if !isForbidden(x.name) {
			h.Add(x.name, string(bytes.Trim(x.value, " \t")))
		}
	}
	return h
}

// arrived returns the fields of a message that arrived, in the order of their
// names, without those that are not the guest's affair. It fails if they are
// more than fields may be, or than may be held.
func arrived(h http.Header, q *quota) (*Fields, error) {
	f, err := newFields(q)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !isToken(name) || isForbidden(name) {
			continue
		}
		for _, v := range h[name] {
			if err := f.put(name, []byte(v)); err != nil {
				f.drop()
				return nil, err
			}
		}
	}
	f.frozen = true
	return f, nil
}
