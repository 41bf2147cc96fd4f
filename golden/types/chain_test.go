package types_test

import (
	"context"
	"testing"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/everything"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/primitives"
	"github.com/witgen/witgen/golden/types/sequences"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

const chained = 20 // random calls of each function

// TestChain gives one instance's exports to another as its imports, with
// generated code on both sides: each is the same Go interface.
func TestChain(t *testing.T) {
	h := new(host)
	inner := start(t, h)
	prepared, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	outer, err := prepared.Instantiate(t.Context(), everything.Imports{
		Primitives: inner.Primitives, Sequences: inner.Sequences, Structures: inner.Structures, Choices: inner.Choices, Failures: inner.Failures,
	}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close(context.Background())
	roundTrips(t, h, chained, outer.Primitives, outer.Sequences, outer.Structures, outer.Choices, outer.Failures)
}

// TestDynamicChain gives one instance's exports to another without generated
// code between the two. The inner one's host and the outer one's caller have
// generated code, and so judge what passes.
func TestDynamicChain(t *testing.T) {
	component, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	h := new(host)
	inner, err := component.Instantiate(t.Context(), rt.InstanceConfig{Imports: []rt.Import{
		primitives.Import(primitivesHost{h}), {Interface: base.Interface}, sequences.Import(sequencesHost{h}),
		structures.Import(structuresHost{h}), choices.Import(choicesHost{h}), failures.Import(failuresHost{h}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close(context.Background())

	exports := []*abi.Interface{primitives.Interface, sequences.Interface, structures.Interface, choices.Interface, failures.Interface}
	var given []rt.HostInstance
	for _, x := range exports {
		e, err := inner.Export(x.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Funcs) != len(x.Funcs) {
			t.Errorf("%s exports %d functions, want %d", x.Name, len(e.Funcs), len(x.Funcs))
		}
		given = append(given, *e)
	}
	linked, err := component.Link(rt.World{Exports: exports})
	if err != nil {
		t.Fatal(err)
	}
	outer, err := linked.Instantiate(t.Context(), nil, rt.InstanceConfig{Host: given})
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close(context.Background())
	roundTrips(t, h, chained, primitives.Export(outer.Exports(0)), sequences.Export(outer.Exports(1)),
		structures.Export(outer.Exports(2)), choices.Export(outer.Exports(3)), failures.Export(outer.Exports(4)))
}
