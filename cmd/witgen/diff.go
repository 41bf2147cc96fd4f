package main

import (
	"fmt"
	"strings"
)

// around is how many equal lines a diff shows around changes.
const around = 3

// edit is a line of a diff: kept, removed or added.
type edit struct {
	op   byte // ' ', '-' or '+'
	line string
}

// unified returns the differences between two texts, given as lines, in the
// unified format. It is empty if there are none.
func unified(from, to string, a, b []string) string {
	edits := compare(a, b)
	var out strings.Builder
	lineA, lineB := 1, 1 // of edits[i]
	for i := 0; i < len(edits); {
		if edits[i].op == ' ' {
			i, lineA, lineB = i+1, lineA+1, lineB+1
			continue
		}
		if out.Len() == 0 {
			fmt.Fprintf(&out, "--- %s\n+++ %s\n", from, to)
		}
		start := max(0, i-around)
		end := hunkEnd(edits, i)
		before := i - start
		hunk(&out, edits[start:end], lineA-before, lineB-before)
		for ; i < end; i++ {
			if edits[i].op != '+' {
				lineA++
			}
			if edits[i].op != '-' {
				lineB++
			}
		}
	}
	return out.String()
}

// hunkEnd returns where the hunk ends that edits[i] is in: changes that are no
// further apart than their context are in one.
func hunkEnd(edits []edit, i int) int {
	last := i
	for j := i; j < len(edits) && j <= last+2*around+1; j++ {
		if edits[j].op != ' ' {
			last = j
		}
	}
	return min(len(edits), last+1+around)
}

// hunk prints edits that begin at these lines of both texts.
func hunk(out *strings.Builder, edits []edit, lineA, lineB int) {
	countA, countB := 0, 0
	for _, e := range edits {
		if e.op != '+' {
			countA++
		}
		if e.op != '-' {
			countB++
		}
	}
	if countA == 0 {
		lineA--
	}
	if countB == 0 {
		lineB--
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", lineA, countA, lineB, countB)
	for _, e := range edits {
		out.WriteByte(e.op)
		out.WriteString(e.line)
		if !strings.HasSuffix(e.line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// compareLimit bounds the table that compare fills, in cells.
const compareLimit = 1 << 24

// compare returns the edits that make b of a: as few as possible, unless the
// texts are long and have little in common.
func compare(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	head = append(head, middle(a, b)...)
	for i := range tail {
		head = append(head, tail[len(tail)-1-i])
	}
	return head
}

// middle compares texts by their longest common subsequence.
func middle(a, b []string) []edit {
	var edits []edit
	i, j := 0, 0
	if (len(a)+1)*(len(b)+1) <= compareLimit {
		common := subsequence(a, b)
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				edits = append(edits, edit{' ', a[i]})
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				edits = append(edits, edit{'-', a[i]})
				i++
			default:
				edits = append(edits, edit{'+', b[j]})
				j++
			}
		}
	}
	for ; i < len(a); i++ {
		edits = append(edits, edit{'-', a[i]})
	}
	for ; j < len(b); j++ {
		edits = append(edits, edit{'+', b[j]})
	}
	return edits
}

// subsequence returns the length of the longest common subsequence of a[i:]
// and b[j:], for each i and j.
func subsequence(a, b []string) [][]int32 {
	table := make([][]int32, len(a)+1)
	cells := make([]int32, (len(a)+1)*(len(b)+1))
	for i := range table {
		table[i] = cells[i*(len(b)+1) : (i+1)*(len(b)+1)]
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
