package yamltext

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/witgen/witgen/rt/internal/near"
)

// value reads a node into what to points to.
func (d *Document) value(n *yaml.Node, path string, to any) {
	v := reflect.ValueOf(to).Elem()
	if _, ok := d.places[path]; !ok {
		d.places[path] = placeOf(n)
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.addf(n, "anchors and aliases are not read: write it out")
		return
	case n.Style&yaml.TaggedStyle != 0:
		d.addf(n, "tags are not read, as %s", n.Tag)
		return
	}
	if t, ok := to.(encoding.TextUnmarshaler); ok {
		d.text(n, path, t)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, path, v.Interface())
	case reflect.Struct:
		d.structure(n, path, v)
	case reflect.Map:
		d.mapping(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	default:
		d.scalar(n, path, v)
	}
}

// structure reads a mapping whose keys are known.
func (d *Document) structure(n *yaml.Node, path string, v reflect.Value) {
	fields := map[string]reflect.Value{}
	var known []string
	for f := range fieldsOf(v) {
		fields[f.name] = f.value
		known = append(known, f.name)
	}
	d.pairs(n, path, func(key, value *yaml.Node) {
		field, ok := fields[key.Value]
		if !ok {
			hint := "only " + strings.Join(known, ", ")
			if meant := near.Name(key.Value, known); meant != "" {
				hint = fmt.Sprintf("did you mean %s?", meant)
			}
			d.addf(key, "%s has no key %s; %s", name(path), quote(key.Value), hint)
			return
		}
		at := Key(path, key.Value)
		d.places[at] = placeOf(key)
		d.value(value, at, field.Addr().Interface())
	})
}

// mapping reads a mapping with keys of anybody's.
func (d *Document) mapping(n *yaml.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, path, func(key, value *yaml.Node) {
		at, element := Key(path, key.Value), reflect.New(v.Type().Elem())
		d.places[at] = placeOf(key)
		d.value(value, at, element.Interface())
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), element.Elem())
	})
}

// pairs reads a mapping whose keys are strings, each once.
func (d *Document) pairs(n *yaml.Node, path string, read func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "a mapping of keys to values")
		return
	}
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content) && !d.full(); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind == yaml.AliasNode || key.Anchor != "" || key.ShortTag() == "!!merge":
			d.addf(key, "anchors and aliases are not read: write it out")
		case key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" || key.Value == "":
			d.wrong(key, "a key of "+name(path), "a string")
		case first[key.Value] != nil:
			d.addf(key, "%s has %s twice; it is in line %d already", name(path), quote(key.Value), first[key.Value].Line)
		default:
			first[key.Value] = key
			read(key, value)
		}
	}
}

func (d *Document) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, path, "a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.value(item, Index(path, i), v.Index(i).Addr().Interface())
	}
}

// text reads a scalar by its own type.
func (d *Document) text(n *yaml.Node, path string, to encoding.TextUnmarshaler) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.wrong(n, path, "a value")
		return
	}
	if err := to.UnmarshalText([]byte(n.Value)); err != nil {
		d.addf(n, "%s: %v", name(path), err)
	}
}

func (d *Document) scalar(n *yaml.Node, path string, v reflect.Value) {
	tag, want := "", ""
	if n.Kind == yaml.ScalarNode {
		tag = n.ShortTag()
	}
	ok := true
	switch v.Kind() {
	case reflect.String:
		want = "a string"
		if ok = tag == "!!str"; ok {
			v.SetString(n.Value)
		}
	case reflect.Bool:
		want = "true or false"
		if ok = tag == "!!bool"; ok {
			v.SetBool(strings.EqualFold(n.Value, "true"))
		}
	case reflect.Int:
		want = "a whole number"
		i, err := strconv.Atoi(n.Value)
		if ok = tag == "!!int" && err == nil; ok {
			v.SetInt(int64(i))
		}
	case reflect.Float64:
		want = "a number"
		f, err := strconv.ParseFloat(n.Value, 64)
		if ok = (tag == "!!int" || tag == "!!float") && err == nil; ok {
			v.SetFloat(f)
		}
	default:
		panic("yamltext: cannot read a " + v.Type().String())
	}
	if !ok {
		d.wrong(n, path, want)
	}
}

// wrong tells of a value of another type than the one wanted.
func (d *Document) wrong(n *yaml.Node, path, want string) {
	var found string
	switch {
	case n.Kind == yaml.AliasNode:
		found = "an alias"
	case n.Kind == yaml.MappingNode:
		found = "a mapping"
	case n.Kind == yaml.SequenceNode:
		found = "a list"
	case n.ShortTag() == "!!null":
		found = "nothing"
	case n.ShortTag() == "!!str":
		found = "the string " + quote(n.Value)
	default:
		found = quote(n.Value)
		if want == "a string" {
			found = shorten(n.Value) + ", which is one only in quotes"
		}
	}
	d.addf(n, "%s: want %s, found %s", name(path), want, found)
}

func name(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

// maxQuoted is how many bytes of a value are in an error.
const maxQuoted = 64

func quote(s string) string { return strconv.Quote(shorten(s)) }

func shorten(s string) string {
	if len(s) > maxQuoted {
		return strings.ToValidUTF8(s[:maxQuoted], "") + "..."
	}
	return s
}
