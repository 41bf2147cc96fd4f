package main

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// notes are the reasons below a table, each once, by their numbers from 1.
type notes struct {
	quote string // around items
	list  []string
}

// cell returns the text of an answer, and takes down why it is so.
func (n *notes) cell(a answer) string {
	text := string(a.verdict)
	if a.track != "" {
		text += " (" + a.track + ")"
	}
	why := n.text(a)
	if why == "" {
		return text
	}
	i := slices.Index(n.list, why)
	if i < 0 {
		i, n.list = len(n.list), append(n.list, why)
	}
	return text + " [" + strconv.Itoa(i+1) + "]"
}

// text returns the note on an answer; empty if there is nothing to say.
func (n *notes) text(a answer) string {
	if len(a.apart) > 0 {
		return "versions " + a.apart[0] + " and " + a.apart[1] + " are apart: nothing of one is linked to the other"
	}
	items := make([]string, len(a.reasons))
	for i, r := range a.reasons {
		items[i] = n.quote + r.item + n.quote + " (" + n.quote + r.rule + n.quote + ")"
		if len(r.usedBy) > 0 {
			items[i] += " in " + n.quote + strings.Join(r.usedBy, n.quote+", "+n.quote) + n.quote
		}
	}
	switch list := strings.Join(items, "; "); a.verdict {
	case partly:
		return "only components that do not use " + list
	case refused:
		return "because of " + list
	}
	return ""
}

// supportText returns tables as text.
func supportText(all []*support) string {
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("components for versions of " + s.world + " (rows) on hosts of a version (columns)\n\n")
		n := new(notes)
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, h := range s.hosts {
			printf(w, "\t%s", h)
		}
		printf(w, "\n")
		for i, g := range s.guests {
			printf(w, "%s", g)
			for _, a := range s.cells[i] {
				printf(w, "\t%s", n.cell(a))
			}
			printf(w, "\n")
		}
		_ = w.Flush() // to memory
		if len(n.list) > 0 {
			b.WriteByte('\n')
		}
		for i, text := range n.list {
			printf(&b, "[%d] %s\n", i+1, text)
		}
	}
	return b.String()
}

// supportMarkdown returns tables in Markdown.
func supportMarkdown(all []*support) string {
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("Components for versions of `" + s.world + "` (rows) on hosts of a version (columns):\n\n|")
		for _, h := range s.hosts {
			printf(&b, " | %s", h)
		}
		b.WriteString(" |\n|---" + strings.Repeat("|---", len(s.hosts)) + "|\n")
		n := &notes{quote: "`"}
		for i, g := range s.guests {
			printf(&b, "| %s", g)
			for _, a := range s.cells[i] {
				printf(&b, " | %s", n.cell(a))
			}
			b.WriteString(" |\n")
		}
		if len(n.list) > 0 {
			b.WriteByte('\n')
		}
		for i, text := range n.list {
			printf(&b, "%d. %s\n", i+1, text)
		}
	}
	return b.String()
}

// supportReport is a cell of a table, as JSON.
type supportReport struct {
	Package  string                `json:"package"`
	World    string                `json:"world"`
	Guest    string                `json:"guest"`
	Host     string                `json:"host"`
	Released bool                  `json:"released"`
	Verdict  supportVerdict        `json:"verdict"`
	Track    string                `json:"track,omitempty"`
	Reasons  []supportReasonReport `json:"reasons,omitempty"`
}

type supportReasonReport struct {
	Item    string   `json:"item,omitempty"`
	Rule    string   `json:"rule,omitempty"`
	UsedBy  []string `json:"used_by,omitempty"`
	Message string   `json:"message"`
}

// printSupportJSON prints tables as JSON, a cell on each line.
func printSupportJSON(w io.Writer, all []*support) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, s := range all {
		pkg, world, _ := strings.Cut(s.world, "/")
		for i, g := range s.guests {
			for j, h := range s.hosts {
				a := s.cells[i][j]
				r := supportReport{
					Package: pkg, World: world, Guest: g.pkg.Name.Version, Host: h.pkg.Name.Version,
					Released: h.released, Verdict: a.verdict, Track: a.track,
				}
				if len(a.apart) > 0 {
					r.Reasons = []supportReasonReport{{Message: new(notes).text(a)}}
				}
				for _, x := range a.reasons {
					r.Reasons = append(r.Reasons, supportReasonReport{x.item, x.rule, x.usedBy, x.message})
				}
				if err := e.Encode(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
