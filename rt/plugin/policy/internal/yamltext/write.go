package yamltext

import (
	"bytes"
	"encoding"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// field is a field of a struct with the name that a file has for it.
type field struct {
	name  string
	value reflect.Value
}

// fieldsOf returns the fields of a struct that have names, in order, with those
// of the structs embedded in it.
func fieldsOf(v reflect.Value) iter.Seq[field] {
	return func(yield func(field) bool) {
		for sf, value := range v.Fields() {
			name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
			if sf.Anonymous && name == "" {
				for f := range fieldsOf(value) {
					if !yield(f) {
						return
					}
				}
				continue
			}
			if name != "" && name != "-" && !yield(field{name, value}) {
				return
			}
		}
	}
}

// blockDepth is how deep mappings are written with a line for each key; those
// further inside, and those in lists, are on one line.
const blockDepth = 4

// Write returns a value as YAML that Read reads as the same value: fields in
// their order, without those that are zero, mappings in that of their keys.
func Write(v any) ([]byte, error) {
	root, err := node(reflect.ValueOf(v), 0)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func node(v reflect.Value, depth int) (*yaml.Node, error) {
	if t, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := t.MarshalText()
		return &yaml.Node{Kind: yaml.ScalarNode, Value: string(text)}, err
	}
	switch v.Kind() {
	case reflect.Pointer:
		return node(v.Elem(), depth)
	case reflect.Struct:
		return pairs(depth, func(yield func(field) bool) {
			for f := range fieldsOf(v) {
				if !f.value.IsZero() && !yield(f) {
					return
				}
			}
		})
	case reflect.Map:
		return pairs(depth, func(yield func(field) bool) {
			values := keysOf(v)
			for _, k := range slices.Sorted(maps.Keys(values)) {
				if !yield(field{k, values[k]}) {
					return
				}
			}
		})
	case reflect.Slice:
		return sequence(v, depth)
	case reflect.String:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v.String()}, nil
	case reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v.Bool())}, nil
	case reflect.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatInt(v.Int(), 10)}, nil
	case reflect.Float64:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(v.Float(), 'g', -1, 64)}, nil
	}
	return nil, fmt.Errorf("cannot write a %s", v.Type())
}

// pairs returns a mapping.
func pairs(depth int, fields iter.Seq[field]) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for f := range fields {
		value, err := node(f.value, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.name}, value)
	}
	if depth >= blockDepth || len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n, nil
}

// sequence returns a list: on one line if it has no mappings.
func sequence(v reflect.Value, depth int) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for i := range v.Len() {
		item, err := node(v.Index(i), blockDepth)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		if item.Kind != yaml.ScalarNode && depth < blockDepth {
			n.Style = 0
		}
		n.Content = append(n.Content, item)
	}
	return n, nil
}

// keysOf returns the values of a map with keys of a type of strings.
func keysOf(v reflect.Value) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	for k, x := range v.Seq2() {
		all[k.String()] = x
	}
	return all
}
