package findings

import (
	"bytes"
	"encoding/json"
)

// plain is a finding in JSON.
type plain struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Col      int      `json:"col"`
	Item     string   `json:"item,omitempty"`
	Message  string   `json:"message"`
	Fix      string   `json:"fix,omitempty"`
}

// json prints findings as JSON, each on a line.
func (r *Report) json() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // types have arrows
	for _, f := range r.Findings {
		data := f.Data
		if data == nil {
			data = plain{f.Rule, f.Severity, f.Place.File, f.Place.Line, f.Place.Col, f.Item, f.Message, f.Fix}
		}
		if err := e.Encode(data); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// document prints one JSON value over several lines.
func document(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
