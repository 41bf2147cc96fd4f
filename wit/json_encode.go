package wit

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// jsonObject is a JSON object whose members have an order.
type jsonObject []jsonMember

// jsonMember is a member of an object. Its value is an object, an array, a
// string, an int or nil.
type jsonMember struct {
	key   string
	value any
}

type jsonArray []any

func (o *jsonObject) add(key string, value any) { *o = append(*o, jsonMember{key, value}) }

// encodeJSON returns the text of a value.
func encodeJSON(value any) []byte {
	var b bytes.Buffer
	writeJSON(&b, value, "\n")
	return b.Bytes()
}

// writeJSON writes a value; indent is what begins a line.
func writeJSON(b *bytes.Buffer, value any, indent string) {
	inner := indent + "  "
	switch v := value.(type) {
	case nil:
		b.WriteString("null")
	case int:
		b.WriteString(strconv.Itoa(v))
	case string:
		writeString(b, v)
	case jsonArray:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		for i, e := range v {
			b.WriteByte("[,"[min(i, 1)])
			b.WriteString(inner)
			writeJSON(b, e, inner)
		}
		b.WriteString(indent + "]")
	case jsonObject:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		for i, m := range v {
			b.WriteByte("{,"[min(i, 1)])
			b.WriteString(inner)
			writeString(b, m.key)
			b.WriteString(": ")
			writeJSON(b, m.value, inner)
		}
		b.WriteString(indent + "}")
	}
}

func writeString(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string in memory always can be
	b.Truncate(b.Len() - 1)
}
