package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/witgen/witgen/wit"
)

// Breaking is what "breaking" says: how contracts are compared. What the file
// does not set is zero.
type Breaking struct {
	WIT, Against     string
	Role, Direction  string
	Worlds, Features []string
	Use, Except      []string
	OptionalExports  []string
	Ignore           []*Ignore
	IgnoreUnstable   bool
	Strict           bool

	pos map[string]wit.Pos
}

// Ignore is what is not to be found, for a while.
type Ignore struct {
	Pos    wit.Pos // of the entry
	Item   string
	Rules  []string // none means all of them
	Until  time.Time
	Reason string

	pos map[string]wit.Pos
}

// KeyPos returns the place of a key, or of an item in the list that is its
// value; zero for what the file does not say.
func (b *Breaking) KeyPos(key, item string) wit.Pos { return place(b.pos, key, item) }

// KeyPos is that of [Breaking] for an entry of "ignore".
func (g *Ignore) KeyPos(key, item string) wit.Pos { return place(g.pos, key, item) }

func place(of map[string]wit.Pos, key, item string) wit.Pos {
	if item != "" {
		key += " " + item
	}
	return of[key]
}

// breaking reads the value of "breaking".
func (r *reader) breaking(n *yaml.Node) *Breaking {
	b := &Breaking{pos: make(map[string]wit.Pos)}
	v := values{r, b.pos}
	r.mapping(n, "breaking", map[string]func(key, value *yaml.Node){
		"wit":             v.text(&b.WIT),
		"against":         v.text(&b.Against),
		"role":            v.text(&b.Role),
		"direction":       v.text(&b.Direction),
		"worlds":          v.list(&b.Worlds, "a list of names"),
		"features":        v.list(&b.Features, "a list of names"),
		"use":             v.list(&b.Use, "a list of categories and rules"),
		"except":          v.list(&b.Except, "a list of categories and rules"),
		OptionalExports:   v.list(&b.OptionalExports, "a list of exports"),
		"ignore":          func(_, value *yaml.Node) { b.Ignore = r.ignored(value) },
		"ignore_unstable": v.bool(&b.IgnoreUnstable),
		"strict":          v.bool(&b.Strict),
	})
	return b
}

// ignored reads the value of "ignore".
func (r *reader) ignored(n *yaml.Node) []*Ignore {
	var entries []*Ignore
	for _, item := range r.sequence(n, "ignore", "a list of entries") {
		g := &Ignore{Pos: r.pos(item), pos: make(map[string]wit.Pos)}
		v := values{r, g.pos}
		r.mapping(item, "an entry of ignore", map[string]func(key, value *yaml.Node){
			"item":   v.text(&g.Item),
			"rules":  v.list(&g.Rules, "a list of rules"),
			"until":  func(_, value *yaml.Node) { g.pos["until"] = r.pos(value); g.Until = r.date(value, "until") },
			"reason": v.text(&g.Reason),
		})
		var missing []string
		for _, key := range []string{"item", "until", "reason"} {
			if _, ok := g.pos[key]; !ok {
				missing = append(missing, key)
			}
		}
		if len(missing) > 0 && follow(item).Kind == yaml.MappingNode {
			r.add(item, "an entry of ignore wants %s too", strings.Join(missing, " and "))
		}
		entries = append(entries, g)
	}
	return entries
}

// date reads a day, such as 2027-01-01.
func (r *reader) date(n *yaml.Node, what string) time.Time {
	s := follow(n)
	day, err := time.Parse(time.DateOnly, s.Value)
	if s.Kind != yaml.ScalarNode || err != nil || !slices.Contains([]string{"!!str", "!!timestamp"}, s.ShortTag()) {
		r.wrong(n, what, "a day such as 2027-01-01")
	}
	return day
}

// values reads values of keys and remembers where they stand.
type values struct {
	r   *reader
	pos map[string]wit.Pos
}

func (v values) text(to *string) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		v.pos[key.Value] = v.r.pos(key)
		*to = v.r.text(value, key.Value)
	}
}

func (v values) list(to *[]string, want string) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		v.pos[key.Value] = v.r.pos(key)
		for _, item := range v.r.sequence(value, key.Value, want) {
			*to = append(*to, v.r.text(item, key.Value))
			v.pos[key.Value+" "+item.Value] = v.r.pos(item)
		}
	}
}

func (v values) bool(to *bool) func(key, value *yaml.Node) {
	return func(key, value *yaml.Node) {
		v.pos[key.Value] = v.r.pos(key)
		switch s := follow(value); {
		case s.Kind != yaml.ScalarNode || s.ShortTag() != "!!bool":
			v.r.wrong(value, key.Value, "true or false")
		default:
			*to = strings.EqualFold(s.Value, "true")
		}
	}
}
